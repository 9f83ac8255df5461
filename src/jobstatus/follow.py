"""Following a job to its end: asking again and again, at a good pace, and never backwards.

Where the answers come from is up to you: an HTTP client, a store, a queue. ``docs/follow.md`` has
examples.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final, Self, TypeAlias, final

import attrs

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire import invalid_option
from jobstatus.errors import JobStatusError, require_job
from jobstatus.history import merge
from jobstatus.lifecycle import STANDARD, Lifecycle

__all__ = [
    "AsyncFetch",
    "Fetch",
    "JobCancelledError",
    "JobFailedError",
    "Look",
    "Pace",
    "StillRunningError",
    "afollow",
    "await_",
    "follow",
    "wait",
]

_MOST_STEPS: Final = 64


@final
@attrs.frozen
class Look:
    """An answer with more than the job.

    Attributes:
        job: The job, or None for no news.
        version: A number that grows with each change, such as ``Version.number`` of a store. Give
            it in every answer, or in none.
        retry_after: How long to wait before the next look at least, in seconds, such as the header
            Retry-After of HTTP says.
    """

    job: JobStatus[Any] | None
    version: int | None = attrs.field(default=None, kw_only=True)
    retry_after: float = attrs.field(default=0.0, kw_only=True)


Answer: TypeAlias = JobStatus[Any] | Look | None
Fetch: TypeAlias = Callable[[], Answer]
"""A function that looks at the job, and returns it, a Look, or None for no news."""
AsyncFetch: TypeAlias = Callable[[], Awaitable[Answer]]
"""A Fetch that is a coroutine function."""


@final
@attrs.frozen
class Pace:
    """How long to wait between two looks.

    After a change, the pause is `first`. Each look without a change makes it longer, by `factor`,
    up to `cap`. Each pause is changed at random by up to `jitter` of its length, so that many
    clients do not ask at the same time.

    Attributes:
        first: Seconds, more than 0.
        factor: At least 1.
        cap: Seconds, at least `first`.
        jitter: From 0 to 1.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if a number is out of its range.

    Example:
        >>> pace = Pace(first=1, factor=2, cap=5, jitter=0)
        >>> [pace.pause(unchanged) for unchanged in range(5)]
        [1.0, 2.0, 4.0, 5.0, 5.0]
    """

    first: float = 0.25
    factor: float = 1.5
    cap: float = 10.0
    jitter: float = 0.1

    def __attrs_post_init__(self) -> None:
        ranges = {
            "first": (self.first > 0, "more than 0"),
            "factor": (self.factor >= 1, "at least 1"),
            "cap": (self.first <= self.cap < float("inf"), "at least the first pause"),
            "jitter": (0 <= self.jitter <= 1, "from 0 to 1"),
        }
        for name, (is_valid, expected) in ranges.items():
            if not is_valid:
                raise invalid_option(name, f"a number {expected}", getattr(self, name))

    def pause(self, unchanged: int) -> float:
        """Return the seconds to wait after some looks without a change."""
        length = min(self.first * self.factor ** min(unchanged, _MOST_STEPS), self.cap)
        return length * (1 + self.jitter * random.uniform(-1, 1))  # noqa: S311 - no secret


DEFAULT_PACE: Final = Pace()


class StillRunningError(JobStatusError, TimeoutError):  # pyright: ignore[reportIncompatibleVariableOverride]  # args is computed
    """The job has not ended within the timeout.

    It is a TimeoutError, and so an OSError: ``except OSError`` catches it, too.

    Attributes:
        job: The job as it was last seen, or None if there was no news at all.
        timeout: The timeout, in seconds.
    """

    job: JobStatus[Any] | None
    timeout: float

    # ValueError.__new__ refuses a class that is an OSError.
    def __new__(cls, **_: object) -> Self:  # noqa: D102 - see above
        return TimeoutError.__new__(cls)

    def __init__(self, *, job: JobStatus[Any] | None, timeout: float) -> None:  # pyright: ignore[reportInconsistentConstructor]  # unpickled without arguments
        self.job, self.timeout = job, timeout

    def __str__(self) -> str:
        if self.job is None:
            return f"status: expected an end within {self.timeout:g} seconds, got no news"
        found = f"got {self.job.status} (job {excerpt(self.job.id)})"
        return f"status: expected an end within {self.timeout:g} seconds, {found}"


class _EndedError(JobStatusError):
    job: JobStatus[Any]

    def __init__(self, *, job: JobStatus[Any]) -> None:
        self.job = job

    def __str__(self) -> str:
        reason = "" if self.job.error is None else f": {excerpt(self.job.error)}"
        found = f"got {self.job.status}{reason} (job {excerpt(self.job.id)})"
        return f"status: expected completed, {found}"


class JobFailedError(_EndedError):
    """The job has failed.

    Attributes:
        job: The job.
    """


class JobCancelledError(_EndedError):
    """The job was cancelled.

    Attributes:
        job: The job.
    """


@final
class _Follower:
    """What both loops have in common. It does no I/O."""

    def __init__(self, timeout: float | None, lifecycle: Lifecycle, pace: Pace, now: float) -> None:
        if timeout is not None and not timeout >= 0:
            raise invalid_option("timeout", "None or a number of at least 0", timeout)
        self._timeout, self._lifecycle, self._pace = timeout, lifecycle, pace
        self._deadline = None if timeout is None else now + timeout
        self._job: JobStatus | None = None
        self._version: int | None = None
        self._unchanged = 0
        self._retry_after = 0.0

    @property
    def is_done(self) -> bool:
        """Whether the job has ended."""
        return self._job is not None and self._job.status in self._lifecycle.terminal

    def take(self, answer: Answer) -> JobStatus | None:
        """Return the job if it has changed."""
        self._unchanged += 1
        look = answer if type(answer) is Look else Look(answer)
        self._retry_after = look.retry_after
        if look.job is None:
            return None
        job = require_job(look.job)
        last, known = self._job, self._version
        if last is not None and (look.version is None) is not (known is None):
            raise TypeError("version: expected one in every answer, or in none")
        if look.version is None:
            if self._lifecycle != STANDARD:
                raise invalid_option(
                    "lifecycle", "STANDARD for answers without a version", "another"
                )
            job = job if last is None else merge(last, job)
        elif known is not None and look.version <= known:
            return None
        elif last is not None and job.id != last.id:
            raise ValueError(f"id: expected the id {excerpt(last.id)}, got {excerpt(job.id)}")
        self._job, self._version = job, look.version
        if job == last:
            return None
        self._unchanged = 0
        return job

    def pause(self, now: float) -> float:
        """Return the seconds until the next look.

        Raises:
            StillRunningError: If the deadline has passed.
        """
        pause = max(self._pace.pause(self._unchanged), self._retry_after)
        if self._deadline is None or self._timeout is None:
            return pause
        if (left := self._deadline - now) <= 0:
            raise StillRunningError(job=self._job, timeout=self._timeout)
        return min(pause, left)


def follow(  # noqa: PLR0913 - one for each option
    fetch: Fetch,
    *,
    timeout: float | None,
    lifecycle: Lifecycle = STANDARD,
    pace: Pace = DEFAULT_PACE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[JobStatus]:
    """Yield each change of a job once, never backwards, up to its end.

    An answer with a higher version is newer, whatever it says: progress may fall with a new
    attempt. Answers without versions are joined with `jobstatus.history.merge`, so that a late one
    changes nothing.

    Args:
        fetch: A function that looks at the job. If it raises, the loop ends with its exception.
        timeout: Seconds until the last look, or None for no limit.
        lifecycle: Decides which states end the loop. Others than STANDARD need versions.
        pace: How long to wait between two looks.
        clock: Returns seconds. Tests give their own, and need not wait.
        sleep: Waits for some seconds.

    Raises:
        ConflictingOutcomesError: If two answers without versions have different outcomes.
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid, or
            ``mixed_jobs`` if the answers are about several jobs.
        StillRunningError: If the job has not ended within the timeout.
        TypeError: If an answer is not a job, or only some have a version.
        ValueError: If answers with versions are about several jobs.

    Example:
        >>> answers = iter(
        ...     [
        ...         JobStatus("a", "processing", progress=50),
        ...         JobStatus("a", "processing", progress=20),  # from a cache
        ...         JobStatus("a", "completed", progress=100),
        ...     ]
        ... )
        >>> for job in follow(lambda: next(answers), timeout=60, sleep=lambda seconds: None):
        ...     print(job.status, job.progress)
        processing 50.0
        completed 100.0
    """
    follower = _Follower(timeout, lifecycle, pace, clock())
    while True:
        if (job := follower.take(fetch())) is not None:
            yield job
        if follower.is_done:
            return
        sleep(follower.pause(clock()))


async def afollow(  # noqa: PLR0913 - one for each option
    fetch: AsyncFetch,
    *,
    timeout: float | None,  # noqa: ASYNC109 - the time of the whole loop, which yields meanwhile
    lifecycle: Lifecycle = STANDARD,
    pace: Pace = DEFAULT_PACE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[JobStatus]:
    """Yield each change of a job once, as `follow` does, and await the answers and the pauses.

    The arguments and exceptions are those of `follow`.
    """
    follower = _Follower(timeout, lifecycle, pace, clock())
    while True:
        if (job := follower.take(await fetch())) is not None:
            yield job
        if follower.is_done:
            return
        await sleep(follower.pause(clock()))


def wait(  # noqa: PLR0913 - one for each option
    fetch: Fetch,
    *,
    timeout: float | None,
    lifecycle: Lifecycle = STANDARD,
    pace: Pace = DEFAULT_PACE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> JobStatus:
    """Return a job when it has completed.

    Raises:
        JobCancelledError: If it was cancelled.
        JobFailedError: If it has failed.

    The arguments and the other exceptions are those of `follow`.

    Example:
        >>> wait(lambda: JobStatus("a", "failed", error="no such bucket"), timeout=60)
        Traceback (most recent call last):
        ...
        jobstatus.follow.JobFailedError: status: expected completed, got failed: ...
    """
    options: Any = {"lifecycle": lifecycle, "pace": pace, "clock": clock, "sleep": sleep}
    last: JobStatus | None = None
    for job in follow(fetch, timeout=timeout, **options):
        last = job
    return _completed(last)


async def await_(  # noqa: PLR0913 - one for each option
    fetch: AsyncFetch,
    *,
    timeout: float | None,  # noqa: ASYNC109 - as in afollow
    lifecycle: Lifecycle = STANDARD,
    pace: Pace = DEFAULT_PACE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> JobStatus:
    """Return a job when it has completed, as `wait` does, and await the answers and the pauses.

    The arguments and exceptions are those of `wait`.
    """
    options: Any = {"lifecycle": lifecycle, "pace": pace, "clock": clock, "sleep": sleep}
    last: JobStatus | None = None
    async for job in afollow(fetch, timeout=timeout, **options):
        last = job
    return _completed(last)


def _completed(job: JobStatus | None) -> JobStatus:
    assert job is not None  # noqa: S101 - the loop ends with a job
    if job.status is JobState.CANCELLED:
        raise JobCancelledError(job=job)
    if job.status is JobState.FAILED:
        raise JobFailedError(job=job)
    return job
