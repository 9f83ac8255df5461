"""What all stores have in common: their methods, and the rules that they keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, cast
from uuid import uuid4

from jobstatus._fields import STATUS
from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import as_str, excerpt
from jobstatus._wire import MAX_DEPTH
from jobstatus.codec import Codec
from jobstatus.dates import from_time_value, normalize_date, time_value
from jobstatus.errors import (
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobExistsError,
    OvertakenError,
    Problem,
    UnknownJobError,
    require_job,
)
from jobstatus.lifecycle import Lifecycle
from jobstatus.stores._database import Database
from jobstatus.stores._records import Change, Stored, Version
from jobstatus.stores._work import Work

_CODEC: Final = Codec(unknown_keys="keep", max_depth=MAX_DEPTH)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Store:
    """What `SqliteStore` and `PostgresStore` have in common.

    A store accepts only legal changes of the stored version. Threads and processes may share its
    tables. It is a context manager, which closes it. After a fork, the child opens its own
    connections.
    """

    def __init__(self, database: Database, lifecycle: Lifecycle) -> None:
        self._lifecycle, self._database = lifecycle, database
        try:
            database.open(lifecycle)
        except BaseException:
            database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads of this process. Closing twice does nothing."""
        self._database.close()

    @property
    def lifecycle(self) -> Lifecycle:
        """The legal transitions."""
        return self._lifecycle

    def create(self, job: JobStatus[Any]) -> Version:
        """Store a new job and return its version.

        Raises:
            InvalidJobStatusError: If the job is not in the initial state of the lifecycle.
            InvalidValueError: With the code ``out_of_range`` if the id has a lone surrogate, has
                more than 1,000 bytes in UTF-8, or has U+0000 and the database is PostgreSQL.
            JobExistsError: If the id is taken.
            StoreError: If the database fails.
            TypeError: If the argument is not a JobStatus.
        """
        require_job(job)
        if job.status is not (initial := self._lifecycle.initial):
            message = f"status: expected {initial} for a new job, got {job.status}"
            raise InvalidJobStatusError([Problem(STATUS.pointer, "not_settable", message)])
        if not self._database.can_store(job.id):
            message = f"id: expected {self._database.ids}, got {excerpt(job.id)}"
            raise InvalidValueError("out_of_range", message)
        creation = uuid4().hex
        if not self._database.create(job.id, creation, job.status.value, job.to_json()):
            raise JobExistsError(id=job.id)
        return Version(1, creation)

    def read(self, id: str) -> Stored:
        """Return a job with its version.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        return self._read(id, "read")

    def _read(self, id: str, statement: str) -> Stored:
        if as_str(id) is None:
            raise TypeError(f"id: expected a string, got {excerpt(id)}")
        # A driver cannot even encode some of the ids that are never stored.
        rows = self._database.run(statement, id) if self._database.can_store(id) else []
        for row in rows:
            return _stored(*row)
        raise UnknownJobError(id=id)

    def get(self, id: str) -> JobStatus:
        """Return a job.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        return self.read(id).job

    def compare_and_set(self, version: Version, job: JobStatus[Any]) -> Version:
        """Replace the stored job if it still has this version, and return the new version.

        A job that equals the stored one changes nothing, and its version stays.

        Raises:
            IllegalTransitionError: If the lifecycle does not accept the change.
            OvertakenError: If the stored job has another version.
            StoreError: If the database fails.
            TypeError: If an argument has another type.
            UnknownJobError: If no job has this id.
        """
        require_job(job)
        if type(version) is not Version:
            raise TypeError(f"version: expected a Version, got {excerpt(version)}")
        with self._database.changing(is_contended=False):
            stored = self.read(job.id)
            if stored.version == version and (result := self._replace(stored, job)) is not None:
                return result.version
        raise self._overtaken(job.id, version)

    def apply(self, id: str, function: Callable[[JobStatus], JobStatus[Any]]) -> Stored:
        """Change a job by a function of the stored job, and return the result.

        The function should be short, do nothing but return a job, and not use the store. If it
        raises, nothing is written. In SQLite it is called once, because nobody else writes
        meanwhile. In PostgreSQL it is called again, with the new job, if somebody else was faster;
        the job is locked then, so that twice is enough. A job that equals the stored one changes
        nothing, and its version stays.

        Raises:
            IllegalTransitionError: If the lifecycle does not accept the change.
            StoreError: If the database fails.
            TypeError: If the function does not return a JobStatus.
            UnknownJobError: If no job has this id.
            ValueError: If the function returns a job with another id.
        """

        def change(stored: Stored) -> Stored | None:
            job = require_job(function(stored.job))
            if job.id != id:
                raise ValueError(f"id: expected the id {excerpt(id)}, got {excerpt(job.id)}")
            return self._replace(stored, job)

        return self._change(id, change)

    def _change(self, id: str, change: Callable[[Stored], Stored | None]) -> Stored:
        with self._database.changing(is_contended=False):
            if (result := change(self.read(id))) is not None:
                return result
        with self._database.changing(is_contended=True):
            stored = self._read(id, "read_locked")
            if (result := change(stored)) is not None:
                return result
        raise self._overtaken(id, stored.version)  # pragma: no cover - nobody changes a locked job

    def _overtaken(self, id: str, version: Version) -> OvertakenError:
        return _overtaken(id, version, self.read(id))

    def _replace(self, stored: Stored, job: JobStatus[Any]) -> Stored | None:
        before = stored.job
        if job == before:
            return stored
        if not self._lifecycle.accepts(before.status, job.status):
            allowed = self._lifecycle.table[before.status]
            raise IllegalTransitionError(before, job.status, allowed)
        return self._write(stored.version, job)

    def _write(self, before: Version, job: JobStatus[Any]) -> Stored | None:
        if not self._database.replace(job.id, before, job.status.value, job.to_json()):
            return None
        return Stored(Version(before.number + 1, before.creation), job)

    def work(
        self,
        id: str,
        *,
        take_over: bool = False,
        estimate: bool = True,
        errors: Callable[[BaseException], str] | None = None,
    ) -> Work:
        """Return a context that starts a job, and completes or fails it at the end.

        A job that may be retried is started again.

        Args:
            id: The id of the job.
            take_over: Whether to go on with a job that is processing already, because its worker
                has died. If the worker still lives, it is overtaken.
            estimate: Whether to calculate the estimated completion from the progress.
            errors: A function that returns the error text for an exception. By default it is the
                name of the exception's type, and the text of a `JobError`: other texts may contain
                keys, paths or SQL.

        The context raises:
            IllegalTransitionError: If the job cannot be started.
            OvertakenError: If the job is processing already, or is changed by somebody else.
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from jobstatus.stores import SqliteStore
            >>> with TemporaryDirectory() as folder, SqliteStore(f"{folder}/jobs") as store:
            ...     version = store.create(JobStatus.queued("job-42"))
            ...     with store.work("job-42", estimate=False) as work:
            ...         for item in work.track(["a", "b"]):
            ...             print(item, work.job.progress)
            ...     print(store.get("job-42"))
            a None
            b 50.0
            JobStatus('job-42', 'completed', progress=100.0)
        """
        begin = partial(self._begin, id, take_over=take_over)
        beat = partial(self._beat, id)
        return Work(begin, self.compare_and_set, beat, estimate=estimate, errors=errors)

    def _begin(self, id: str, *, take_over: bool) -> Stored:
        def begin(stored: Stored) -> Stored | None:
            if stored.job.status is not JobState.PROCESSING:
                job = stored.job.transition_to(JobState.PROCESSING, lifecycle=self._lifecycle)
                return self._replace(stored, job)
            if not take_over:
                raise _overtaken(id, None, stored)
            return self._write(stored.version, stored.job)

        return self._change(id, begin)

    def _beat(self, id: str, version: Version) -> None:
        if not self._database.run("beat", id, version.creation, version.number):
            raise self._overtaken(id, version)

    def watch(
        self, id: str, *, after: Version | None = None, interval: float = 0.5
    ) -> Iterator[Change]:
        """Yield every change of a job, and wait for the next, until it has ended.

        Changes are read by version, so that none is skipped or comes twice. It waits without end
        for a job that does not change. To stop, leave the loop.

        Args:
            id: The id of the job.
            after: The last version that you have seen. By default, its creation comes first.
            interval: How long to wait before the database is asked again, in seconds.

        Raises:
            OvertakenError: If the version belongs to an earlier job with this id, or is higher than
                that of the stored one, such as after restoring a copy.
            StoreError: If the database fails, or the store is closed. Call `watch` again, after the
                last version that you have seen.
            UnknownJobError: If no job has this id, or if it was removed meanwhile.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from jobstatus.stores import SqliteStore
            >>> with TemporaryDirectory() as folder, SqliteStore(f"{folder}/jobs") as store:
            ...     version = store.create(JobStatus.queued("job-42"))
            ...     _ = store.apply("job-42", lambda job: job.cancel())
            ...     [change.job.status.value for change in store.watch("job-42", after=version)]
            ['cancelled']
        """
        seen = Version(0, self.read(id).version.creation) if after is None else after
        while True:
            stored = self.read(id)
            job = stored.job
            if stored.version.creation != seen.creation or stored.version.number < seen.number:
                raise _overtaken(id, seen, stored)
            for change in self._history(id, seen):
                yield change
                seen, job = change.version, change.job
            if job.status in self._lifecycle.terminal:
                return
            self.wait(interval)

    def changed(self, seen: Mapping[str, Version]) -> dict[str, Stored | None]:
        """Return the jobs that have another version now, by a single statement, for a poller.

        Args:
            seen: The versions that you have seen, by the ids of the jobs.

        Returns:
            The jobs with other versions, and None for those that were removed.

        Raises:
            StoreError: If the database fails.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from jobstatus.stores import SqliteStore
            >>> with TemporaryDirectory() as folder, SqliteStore(f"{folder}/jobs") as store:
            ...     seen = {name: store.create(JobStatus.queued(name)) for name in ("a", "b")}
            ...     _ = store.apply("b", lambda job: job.start())
            ...     {name: stored.job for name, stored in store.changed(seen).items()}
            {'b': JobStatus('b', 'processing')}
        """
        can_store = self._database.can_store
        rows = [(name, at.number, at.creation) for name, at in seen.items() if can_store(name)]
        found: dict[str, Stored | None] = {name: None for name in seen if not can_store(name)}
        for name, *stored in self._database.changed(rows) if rows else ():
            found[name] = None if stored[0] is None else _stored(*stored)
        return found

    def wait(self, seconds: float) -> None:
        """Return when there may be new changes: after some seconds, or when the store is closed.

        With ``PostgresStore(notify=True)``, it returns at the next change in these tables.

        Raises:
            StoreError: If the database fails.
        """
        self._database.wait(seconds)

    def history(self, id: str) -> list[Change]:
        """Return every accepted change of a job, from its creation on.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        return [*self._history(id, Version(0, self.read(id).version.creation))]

    def _history(self, id: str, after: Version) -> Iterator[Change]:
        number = after.number
        while rows := self._database.run("history", id, after.creation, number):
            for row in rows:
                change = _change(*row)
                yield change
                number = change.version.number

    def changes(self, *, after: str | None = None) -> Iterator[Change]:
        """Yield the changes of all jobs in the order of their transactions, for an outbox.

        It ends with the last change; call it again with the last cursor to go on. No change is
        skipped, even if its transaction ends late. Memory use stays the same for any number of
        changes.

        Args:
            after: The cursor of the last change that you have seen.

        Raises:
            InvalidValueError: With the code ``invalid_option`` if the cursor is not one of this
                kind of store.
            StoreError: If the database fails.
            TypeError: If the cursor is not a string.
        """
        if after is not None and as_str(after) is None:
            raise TypeError(f"after: expected the cursor of a change, got {excerpt(after)}")
        while rows := self._database.changes(after):
            for row in rows:
                change = _change(*row)
                yield change
                after = change.cursor

    def unfinished(self, *, unchanged_for: timedelta = timedelta()) -> Iterator[Stored]:
        """Yield the jobs that have not ended, and have not changed for a time, queued ones too.

        A worker may have died if a job is processing. The job that has been unchanged for longest
        comes first.

        Raises:
            StoreError: If the database fails.
            TypeError: If the argument is not a timedelta.
        """
        if not isinstance(cast("object", unchanged_for), timedelta):
            raise TypeError(f"unchanged_for: expected a timedelta, got {excerpt(unchanged_for)}")
        # One moment for all parts, so that a job that changes meanwhile does not come again.
        ((now,),) = self._database.run("now")
        limit = now - unchanged_for // _MILLISECOND
        last: tuple[Any, ...] = (-(2**62), "")
        while rows := self._database.run("unfinished", limit, *last):
            for row in rows:
                last = row[:2]
                yield _stored(*row[2:])

    def prune(self, *, before: datetime) -> int:
        """Remove the jobs that ended before a date, with their history; return their number.

        Each transaction removes at most 1,000 jobs, so that other writers need not wait.

        Args:
            before: An aware datetime.

        Raises:
            InvalidValueError: As `jobstatus.dates.normalize_date` does.
            StoreError: If the database fails.
        """
        limit, total = time_value(normalize_date(before)), 0
        while count := self._database.prune(limit):
            total += count
        return total


def _overtaken(id: str, expected: Version | None, stored: Stored) -> OvertakenError:
    version, status = str(stored.version), stored.job.status
    text = None if expected is None else str(expected)
    return OvertakenError(id=id, expected=text, stored=version, status=status)


def _change(cursor: object, number: int, creation: str, payload: str, changed: int) -> Change:
    stored = _stored(number, creation, payload)
    return Change(str(cursor), *stored, from_time_value(changed))


def _stored(number: int, creation: str, payload: str) -> Stored:
    return Stored(Version(number, creation), _CODEC.decode(payload))
