"""`jobstatus.follow` yields each change once, never backwards, up to the end."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import (
    RETRYING,
    STANDARD,
    ConflictingOutcomesError,
    InvalidValueError,
    JobStatus,
)
from jobstatus.follow import (
    JobCancelledError,
    JobFailedError,
    Look,
    Pace,
    StillRunningError,
    afollow,
    await_,
    follow,
    wait,
)
from jobstatus.history import check_history, merge
from jobstatus.strategies import Observation, observations

QUEUED = JobStatus.queued("a")
HALF = QUEUED.start(progress=50)
DONE = HALF.complete()
STEADY = Pace(first=1, factor=2, cap=8, jitter=0)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.pauses.append(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let time pass, and other tasks run."""
        await asyncio.sleep(0)
        self.sleep(seconds)


Run = Callable[..., list[JobStatus]]


def run_sync(answers: Iterable[Any], time: Time | None = None, **options: Any) -> list[JobStatus]:
    """Follow the answers, and return what is yielded."""
    given, passing = iter(answers), time or Time()
    loop = follow(lambda: next(given), clock=passing.clock, sleep=passing.sleep, **options)
    return [*loop]


def run_async(answers: Iterable[Any], time: Time | None = None, **options: Any) -> list[JobStatus]:
    """Follow the answers with coroutines."""
    given, passing = iter(answers), time or Time()

    async def fetch() -> Any:
        await asyncio.sleep(0)
        return next(given)

    async def main() -> list[JobStatus]:
        loop = afollow(fetch, clock=passing.clock, sleep=passing.asleep, **options)
        return [job async for job in loop]

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("run", [run_sync, run_async], ids=["sync", "async"])


@BOTH
def test_each_change_is_yielded_once(run: Run) -> None:
    """None is no news, and a repeated answer no change."""
    answers = [QUEUED, None, QUEUED, HALF, HALF, DONE]
    assert run(answers, timeout=60) == [QUEUED, HALF, DONE]


@BOTH
def test_a_late_answer_changes_nothing(run: Run) -> None:
    """It comes from a cache."""
    assert run([HALF, QUEUED, HALF.update(progress=20), DONE], timeout=60) == [HALF, DONE]


@BOTH
def test_the_higher_version_is_newer(run: Run) -> None:
    """Whatever it says: progress may fall with a new attempt."""
    again = QUEUED.start(progress=10)
    failed = HALF.fail("x")
    answers = [
        Look(HALF, version=3),
        Look(failed, version=4),
        Look(HALF, version=3),
        Look(again, version=6),
        Look(again, version=7),
        Look(again.complete(), version=8),
    ]
    expected = [HALF, failed, again, again.complete()]
    assert run(answers, timeout=60, lifecycle=RETRYING) == expected


@BOTH
def test_the_pause_grows_until_something_changes(run: Run) -> None:
    """Then it is short again."""
    time = Time()
    run([QUEUED, *[None] * 5, HALF, None, DONE], time, timeout=None, pace=STEADY)
    assert time.pauses == [1, 2, 4, 8, 8, 8, 1, 2]


@BOTH
def test_the_pause_is_at_least_what_the_answer_says(run: Run) -> None:
    """As the header Retry-After."""
    time = Time()
    run(
        [Look(QUEUED, retry_after=5), Look(HALF, retry_after=0.1), DONE],
        time,
        timeout=60,
        pace=STEADY,
    )
    assert time.pauses == [5, 1]


@BOTH
def test_an_answer_without_news_may_set_the_pause(run: Run) -> None:
    """As an HTTP 304 or 429 with the header Retry-After."""
    time = Time()
    answers = [Look(QUEUED, version=1), Look(None, retry_after=5), None, Look(DONE, version=2)]
    assert run(answers, time, timeout=60, pace=STEADY) == [QUEUED, DONE]
    assert time.pauses == [1, 5, 4]


@BOTH
def test_the_loop_ends_at_the_timeout(run: Run) -> None:
    """The last look is at the deadline, not before and not after."""
    time = Time()
    with pytest.raises(StillRunningError) as ended:
        run([HALF, *[None] * 99], time, timeout=10, pace=STEADY)
    assert time.pauses == [1, 2, 4, 3]
    assert ended.value.job == HALF
    assert isinstance(ended.value, TimeoutError)
    text = "status: expected an end within 10 seconds, got processing (job 'a')"
    assert str(ended.value) == text
    for duplicate in (copy.copy(ended.value), pickle.loads(pickle.dumps(ended.value))):
        assert (str(duplicate), duplicate.job) == (text, HALF)


@BOTH
def test_no_news_at_all_is_a_timeout_without_a_job(run: Run) -> None:
    """A timeout of 0 is one look."""
    with pytest.raises(StillRunningError, match=r"got no news$") as ended:
        run([None], timeout=0)
    assert ended.value.job is None


@BOTH
def test_an_exception_of_the_caller_ends_the_loop(run: Run) -> None:
    """Retries belong around the function."""

    def answers() -> Iterator[JobStatus]:
        yield HALF
        raise ConnectionError("503")

    with pytest.raises(ConnectionError, match=r"^503$"):
        run(answers(), timeout=60)


@BOTH
def test_two_outcomes_are_a_conflict(run: Run) -> None:
    """A third one would only be guessed."""
    with pytest.raises(ConflictingOutcomesError):
        merge(DONE, HALF.cancel())
    assert run([DONE, HALF.cancel()], timeout=60) == [DONE]  # nobody asks again


@BOTH
@pytest.mark.parametrize(
    ("answers", "options", "error", "message"),
    [
        ([5], {}, TypeError, "expected a JobStatus, got 5"),
        ([Look(QUEUED, version=1), HALF], {}, TypeError, "version: expected one in every answer"),
        ([QUEUED, Look(HALF, version=1)], {}, TypeError, "version: expected one in every answer"),
        ([QUEUED, JobStatus.queued("b")], {}, InvalidValueError, "expected snapshots of one job"),
        (
            [Look(QUEUED, version=1), Look(JobStatus.queued("b"), version=2)],
            {},
            ValueError,
            "id: expected the id 'a', got 'b'",
        ),
        ([QUEUED], {"lifecycle": RETRYING}, InvalidValueError, "lifecycle: expected STANDARD for"),
        ([QUEUED], {"timeout": -1}, InvalidValueError, "timeout: expected None or a number of at"),
        ([QUEUED], {"timeout": float("nan")}, InvalidValueError, "timeout: expected None or a"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error(
    run: Run, answers: list[Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """It is a bug of the caller, or of the other side."""
    with pytest.raises(error, match=message):
        run(answers, **{"timeout": 60, **options})


@pytest.mark.parametrize(
    "options",
    [{"first": 0}, {"factor": 0.5}, {"cap": 0.1}, {"cap": float("inf")}, {"jitter": 1.5}],
)
def test_a_pace_has_its_ranges(options: dict[str, float]) -> None:
    """Otherwise a loop could run without a pause."""
    with pytest.raises(InvalidValueError, match=f"^{next(iter(options))}: expected a number "):
        Pace(**options)


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_pause_is_never_longer_than_its_limit(unchanged: int, jitter: float) -> None:
    """And never negative."""
    pause = Pace(jitter=jitter).pause(unchanged)
    assert 0 <= pause <= 10 * (1 + jitter)


@BOTH
@given(observations())
def test_whatever_is_lost_or_late_the_history_is_legal(run: Run, observed: Observation) -> None:
    """The last job is the latest of those that were seen, and both loops are the same."""
    seen: list[Any] = [*observed.seen]
    yielded: list[JobStatus] = []
    with pytest.raises((StillRunningError, StopError)):
        collect(run, seen, yielded)
    ended = [n for n, job in enumerate(observed.seen) if job.status in STANDARD.terminal]
    asked = observed.seen[: ended[0] + 1] if ended else observed.seen
    assert yielded[-1] == merge(*asked)
    findings = [found for found in check_history(yielded) if found.severity == "error"]
    assert findings == []
    assert len({*yielded}) == len(yielded)


class StopError(Exception):
    """The answers are used up, or the job has ended."""


def collect(run: Run, answers: list[Any], yielded: list[JobStatus]) -> None:
    """Follow the answers, and note what is yielded, even if there is no end."""

    def given() -> Iterator[Any]:
        yield from answers
        raise StopError

    def note(job: JobStatus) -> None:
        yielded.append(job)

    time = Time()
    if run is run_sync:
        source = given()
        for job in follow(lambda: next(source), timeout=None, clock=time.clock, sleep=time.sleep):
            note(job)
    else:
        asyncio.run(collect_async(given(), time, note))
    raise StopError


async def collect_async(
    source: Iterator[Any], time: Time, note: Callable[[JobStatus], None]
) -> None:
    """Follow the answers with coroutines."""

    async def fetch() -> Any:
        return next(source)

    async for job in afollow(fetch, timeout=None, clock=time.clock, sleep=time.asleep):
        note(job)


def run_wait(answers: Iterable[Any]) -> JobStatus:
    """Wait for the end."""
    given, time = iter(answers), Time()
    return wait(lambda: next(given), timeout=60, clock=time.clock, sleep=time.sleep)


def run_await(answers: Iterable[Any]) -> JobStatus:
    """Wait for the end with coroutines."""
    given, time = iter(answers), Time()

    async def fetch() -> Any:
        return next(given)

    waiting: Awaitable[JobStatus] = await_(fetch, timeout=60, clock=time.clock, sleep=time.asleep)

    async def main() -> JobStatus:
        return await waiting

    return asyncio.run(main())


@pytest.mark.parametrize("run", [run_wait, run_await], ids=["sync", "async"])
def test_waiting_returns_the_completed_job(run: Callable[[Iterable[Any]], JobStatus]) -> None:
    """Other outcomes are exceptions with the job."""
    assert run([QUEUED, HALF, DONE]) == DONE
    with pytest.raises(JobFailedError, match=r"got failed: 'no bucket' \(job 'a'\)$") as failed:
        run([HALF.fail("no bucket")])
    assert failed.value.job.error == "no bucket"
    with pytest.raises(JobCancelledError, match=r"got cancelled \(job 'a'\)$") as cancelled:
        run([HALF.cancel()])
    assert cancelled.value.job.status == "cancelled"
    assert str(pickle.loads(pickle.dumps(cancelled.value))) == str(cancelled.value)
