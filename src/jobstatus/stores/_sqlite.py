"""A store in one SQLite file, for any number of threads and processes of one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from os import PathLike, fspath
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, final
from uuid import uuid4

from jobstatus._fields import STATUS
from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import as_str, excerpt
from jobstatus._wire import MAX_DEPTH, invalid_option
from jobstatus.codec import Codec
from jobstatus.dates import from_time_value, normalize_date, time_value
from jobstatus.errors import (
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobExistsError,
    OvertakenError,
    Problem,
    StoreError,
    UnknownJobError,
    require_job,
)
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.stores._connections import Connection, Connections
from jobstatus.stores._records import Change, Stored, Version
from jobstatus.stores._statements import SCHEMA_VERSION, is_utf8, statements
from jobstatus.stores._work import Work

Synchronous: TypeAlias = Literal["FULL", "NORMAL"]

_CODEC: Final = Codec(unknown_keys="keep", max_depth=MAX_DEPTH)
_MAX_ID: Final = 1_000
_MILLISECOND: Final = timedelta(milliseconds=1)


@final
class SqliteStore:
    """A store of jobs in an SQLite file, which accepts only legal changes of the stored version.

    Threads and processes of one machine may share the file. Each operation is a transaction. A
    store is a context manager, which closes it. After a fork, the child opens its own connections.

    Args:
        path: The file, which is created if it does not exist.
        lifecycle: The legal transitions.
        table: The name of the table of jobs. The names of the other tables begin with it.
        synchronous: ``"FULL"`` keeps every accepted change if the machine loses its power.
            ``"NORMAL"`` is faster, and may then lose the last changes.
        timeout: How long to wait for other writers, in seconds.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid.
        StoreError: If the database cannot be opened, or has the tables of another version.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> folder = TemporaryDirectory()
        >>> store = SqliteStore(f"{folder.name}/jobs.sqlite")
        >>> version = store.create(JobStatus.queued("job-42"))
        >>> version = store.compare_and_set(version, store.get("job-42").start())
        >>> store.apply("job-42", lambda job: job.cancel("by the customer")).job
        JobStatus('job-42', 'cancelled', error='by the customer')
        >>> [change.version.number for change in store.history("job-42")]
        [1, 2, 3]
        >>> store.close()
        >>> folder.cleanup()
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        lifecycle: Lifecycle = STANDARD,
        table: str = "jobs",
        synchronous: Synchronous = "FULL",
        timeout: float = 30.0,
    ) -> None:
        name = fspath(path)
        if name in {"", ":memory:"}:
            raise invalid_option("path", "the path of a file", name)
        if type(lifecycle) is not Lifecycle:
            raise invalid_option("lifecycle", "a Lifecycle", lifecycle)
        if synchronous not in {"FULL", "NORMAL"}:
            raise invalid_option("synchronous", "'FULL' or 'NORMAL'", synchronous)
        self._lifecycle = lifecycle
        self._schema, self._statements = statements(table, lifecycle)
        self._connections = Connections(name, timeout=timeout, synchronous=synchronous)
        try:
            self._create_tables()
        except BaseException:
            self._connections.close()
            raise

    def _create_tables(self) -> None:
        connection = self._connections.get()
        with connection.transaction():
            for statement in self._schema:
                connection.execute(statement)
            found = self._run(connection, "get_schema")
            if not found:
                self._run(connection, "set_schema", SCHEMA_VERSION)
            elif found != [(SCHEMA_VERSION,)]:
                got = excerpt(found[0][0])
                raise StoreError(message=f"expected tables of version {SCHEMA_VERSION}, got {got}")

    def _run(self, connection: Connection, name: str, *values: object) -> list[tuple[Any, ...]]:
        return connection.execute(self._statements[name], *values)

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
        self._connections.close()

    @property
    def lifecycle(self) -> Lifecycle:
        """The legal transitions."""
        return self._lifecycle

    def create(self, job: JobStatus[Any]) -> Version:
        """Store a new job and return its version.

        Raises:
            InvalidJobStatusError: If the job is not in the initial state of the lifecycle.
            InvalidValueError: With the code ``out_of_range`` if the id has a lone surrogate or more
                than 1,000 bytes in UTF-8.
            JobExistsError: If the id is taken.
            StoreError: If the database fails.
            TypeError: If the argument is not a JobStatus.
        """
        require_job(job)
        if job.status is not (initial := self._lifecycle.initial):
            message = f"status: expected {initial} for a new job, got {job.status}"
            raise InvalidJobStatusError([Problem(STATUS.pointer, "not_settable", message)])
        _check_id(job.id)
        version = Version(1, uuid4().hex)
        connection = self._connections.get()
        with connection.transaction():
            if self._run(connection, "exists", job.id):
                raise JobExistsError(id=job.id)
            values = (job.id, version.creation, job.status.value, job.to_json())
            self._run(connection, "create", *values)
            self._run(connection, "add_change", job.id)
        return version

    def read(self, id: str) -> Stored:
        """Return a job with its version.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        return self._read(self._connections.get(), id)

    def get(self, id: str) -> JobStatus:
        """Return a job.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        return self.read(id).job

    def _read(self, connection: Connection, id: str) -> Stored:
        if as_str(id) is None:
            raise TypeError(f"id: expected a string, got {excerpt(id)}")
        # No id with a lone surrogate is stored, and SQLite cannot encode one.
        rows = self._run(connection, "read", id) if is_utf8(id) else []
        for row in rows:
            return _stored(*row)
        raise UnknownJobError(id=id)

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
        connection = self._connections.get()
        with connection.transaction():
            stored = self._read(connection, job.id)
            if stored.version != version:
                raise OvertakenError(id=job.id, expected=str(version), stored=str(stored.version))
            return self._replace(connection, stored, job).version

    def apply(self, id: str, function: Callable[[JobStatus], JobStatus[Any]]) -> Stored:
        """Change a job by a function of the stored job, and return the result.

        The function runs in the transaction, so nobody else writes meanwhile. It should be short,
        and must not use the store. If it raises, nothing is written. A job that equals the stored
        one changes nothing, and its version stays.

        Raises:
            IllegalTransitionError: If the lifecycle does not accept the change.
            StoreError: If the database fails.
            TypeError: If the function does not return a JobStatus.
            UnknownJobError: If no job has this id.
            ValueError: If the function returns a job with another id.
        """
        connection = self._connections.get()
        with connection.transaction():
            stored = self._read(connection, id)
            job = require_job(function(stored.job))
            if job.id != id:
                raise ValueError(f"id: expected the id {excerpt(id)}, got {excerpt(job.id)}")
            return self._replace(connection, stored, job)

    def _replace(self, connection: Connection, stored: Stored, job: JobStatus[Any]) -> Stored:
        before = stored.job
        if job == before:
            return stored
        if not self._lifecycle.accepts(before.status, job.status):
            allowed = self._lifecycle.table[before.status]
            raise IllegalTransitionError(before, job.status, allowed)
        return self._write(connection, stored.version, job)

    def _write(self, connection: Connection, before: Version, job: JobStatus[Any]) -> Stored:
        version = Version(before.number + 1, before.creation)
        values = (version.number, job.status.value, job.to_json(), job.id)
        self._run(connection, "replace", *values)
        self._run(connection, "add_change", job.id)
        return Stored(version, job)

    def work(
        self,
        id: str,
        *,
        take_over: bool = False,
        estimate: bool = True,
        errors: Callable[[BaseException], str] | None = None,
    ) -> Work:
        """Return a context that starts a job, and completes or fails it at the end.

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
        connection = self._connections.get()
        with connection.transaction():
            stored = self._read(connection, id)
            if stored.job.status is not JobState.PROCESSING:
                job = stored.job.transition_to(JobState.PROCESSING, lifecycle=self._lifecycle)
                return self._replace(connection, stored, job)
            if not take_over:
                raise OvertakenError(id=id, expected="queued", stored="processing")
            return self._write(connection, stored.version, stored.job)

    def _beat(self, id: str, version: Version) -> None:
        connection = self._connections.get()
        with connection.transaction():
            values = (id, version.creation, version.number)
            if not self._run(connection, "beat", *values):
                stored = self._read(connection, id)
                raise OvertakenError(id=id, expected=str(version), stored=str(stored.version))

    def history(self, id: str) -> list[Change]:
        """Return every accepted change of a job, from its creation on.

        Raises:
            StoreError: If the database fails.
            UnknownJobError: If no job has this id.
        """
        connection = self._connections.get()
        creation = self._read(connection, id).version.creation
        return [_change(*row) for row in self._run(connection, "history", id, creation)]

    def changes(self, *, after: int = 0) -> Iterator[Change]:
        """Yield the changes of all jobs in the order of their transactions, for an outbox.

        It ends with the last change; call it again with the last cursor to go on. Memory use stays
        the same for any number of changes.

        Args:
            after: The cursor of the last change that you have seen.

        Raises:
            StoreError: If the database fails.
        """
        while rows := self._run(self._connections.get(), "changes", after):
            for row in rows:
                change = _change(*row)
                yield change
                after = change.cursor

    def unfinished(self, *, unchanged_for: timedelta = timedelta()) -> Iterator[Stored]:
        """Yield the jobs that have not ended, and have not changed for a time.

        For example, a worker may have died. The job that has been unchanged for longest comes
        first.

        Raises:
            StoreError: If the database fails.
        """
        age = unchanged_for // _MILLISECOND
        rows = self._run(self._connections.get(), "unfinished", age)
        for row in rows:
            yield _stored(*row)

    def prune(self, *, before: datetime) -> int:
        """Remove the jobs that ended before a date, with their history; return their number.

        Args:
            before: An aware datetime.

        Raises:
            InvalidValueError: As `jobstatus.dates.normalize_date` does.
            StoreError: If the database fails.
        """
        limit = time_value(normalize_date(before))
        connection = self._connections.get()
        with connection.transaction():
            self._run(connection, "prune_changes", limit)
            rows = self._run(connection, "prune_jobs", limit)
        return len(rows)


def _change(cursor: int, number: int, creation: str, payload: str, changed: int) -> Change:
    stored = _stored(number, creation, payload)
    return Change(cursor, *stored, from_time_value(changed))


def _stored(number: int, creation: str, payload: str) -> Stored:
    return Stored(Version(number, creation), _CODEC.decode(payload))


def _check_id(id: str) -> None:
    if not is_utf8(id) or len(id.encode()) > _MAX_ID:
        message = f"id: expected at most {_MAX_ID} bytes in UTF-8, got {excerpt(id)}"
        raise InvalidValueError("out_of_range", message)
