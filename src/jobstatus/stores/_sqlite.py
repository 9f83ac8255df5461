"""A store in one SQLite file, for any number of threads and processes of one machine."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from os import PathLike, fspath
from typing import Final, Literal, TypeAlias, final

from jobstatus._wire import invalid_option
from jobstatus.contract import sql
from jobstatus.errors import StoreError
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.stores._connections import Connections, is_inherited
from jobstatus.stores._database import Database, Rows, check_timeout
from jobstatus.stores._records import Version
from jobstatus.stores._statements import sqlite_statements
from jobstatus.stores._store import Store

Synchronous: TypeAlias = Literal["FULL", "NORMAL"]

_PAUSE: Final = 0.005
_MOST_ROWS: Final = 10_000  # SQLite allows 32,766 parameters
_CURSOR: Final = re.compile(r"[0-9]{1,18}")


@final
class SqliteStore(Store):
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
        StoreError: If the database cannot be opened, or has the tables of another version or
            lifecycle.

    Example:
        >>> from jobstatus import JobStatus
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
        if name in {"", ":memory:"} or "\0" in name:
            raise invalid_option("path", "the path of a file", name)
        if synchronous not in {"FULL", "NORMAL"}:
            raise invalid_option("synchronous", "'FULL' or 'NORMAL'", synchronous)
        check_timeout(timeout)
        tables = sql.tables("sqlite", table=table, lifecycle=lifecycle)
        statements = sqlite_statements(table)
        connections = Connections(partial(connect, name, synchronous, timeout))
        super().__init__(SqliteDatabase(connections, tables, statements), lifecycle)


@final
class SqliteDatabase(Database):
    """The tables of a store in an SQLite file."""

    def __init__(
        self,
        connections: Connections[SqliteConnection],
        tables: list[str],
        statements: Mapping[str, str],
    ) -> None:
        self._connections, self._tables, self._statements = connections, tables, statements

    def create_tables(self) -> None:
        """Create the tables, even if another process does it at the same time."""
        connection = self._connections.get()
        with connection.transaction():
            if self.run("exists"):  # another one was faster, perhaps with another lifecycle
                return
            for statement in self._tables:
                connection.execute(statement)

    def run(self, name: str, *values: object) -> Rows:
        """Run a statement, and return its rows."""
        return self._connections.get().execute(self._statements[name], *values)

    def changing(self, *, is_contended: bool = False) -> AbstractContextManager[None]:  # noqa: ARG002 - always alone
        """Return a transaction, which keeps other writers away."""
        return self._connections.get().transaction()

    def create(self, id: str, creation: str, status: str, payload: str) -> bool:
        """Store a new job, and return False if its id is taken."""
        with self.changing():
            if not self.run("create", id, creation, status, payload):
                return False
            self.run("add_change", id)
        return True

    def replace(self, id: str, before: Version, status: str, payload: str) -> bool:
        """Replace a job, in the transaction of `changing`."""
        values = (status, payload, id, before.creation, before.number)
        if not self.run("replace", *values):  # pragma: no cover - nobody else writes
            return False
        self.run("add_change", id)
        return True

    def changes(self, after: str | None) -> Rows:
        """Return some changes after a cursor."""
        if after is not None and not _CURSOR.fullmatch(after):
            raise invalid_option("after", "the cursor of a change", after)
        return self.run("changes", int(after or 0))

    def changed(self, seen: list[tuple[str, int, str]]) -> Rows:
        """Return the jobs that have another version than the one that was seen."""
        found: Rows = []
        for at in range(0, len(seen), _MOST_ROWS):
            part = seen[at : at + _MOST_ROWS]
            marks = ", ".join(["(?, ?, ?)"] * len(part))
            statement = self._statements["changed"].replace("{rows}", marks)
            values = (value for row in part for value in row)
            found += self._connections.get().execute(statement, *values)
        return found

    def prune(self, limit: int) -> int:
        """Remove some jobs that ended before a time value, and return their number."""
        with self.changing():
            rows = self.run("ended", limit)
            for row in rows:
                self.run("prune_changes", *row)
                self.run("prune_job", *row)
        return len(rows)

    def wait(self, seconds: float) -> None:
        """Wait until the time has passed, or the store is closed."""
        self._connections.closed.wait(seconds)

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        self._connections.close()


@final
class SqliteConnection:
    """A connection of one thread, which closes it when the thread or the store ends."""

    __slots__ = ("__weakref__", "_lock", "_process", "_raw")
    is_broken = False

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw, self._process = raw, os.getpid()
        self._lock = threading.Lock()  # closing a connection that is in use would crash the process

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if not is_inherited(self._raw, self._process):
            with self._lock:
                self._raw.close()

    def execute(self, statement: str, *values: object) -> Rows:
        """Run a statement and return its rows.

        Raises:
            StoreError: If SQLite fails.
        """
        try:
            with self._lock:
                return self._raw.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(message=f"SQLite failed: {error}") from error

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Begin a transaction that may write, and end it with the context."""
        try:
            # Inside, because a KeyboardInterrupt comes after SQLite has waited for the lock.
            self.execute("BEGIN IMMEDIATE")
            yield
            self.execute("COMMIT")
        except BaseException:
            with suppress(StoreError):  # SQLite may have rolled back by itself
                self.execute("ROLLBACK")
            raise


def connect(path: str, synchronous: Synchronous, timeout: float) -> SqliteConnection:
    """Open a connection.

    Raises:
        StoreError: If SQLite fails.
    """
    try:
        raw = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(message=f"SQLite failed: {error}") from error
    connection = SqliteConnection(raw)
    _switch_to_wal(connection, timeout)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    return connection


def _switch_to_wal(connection: SqliteConnection, timeout: float) -> None:
    # SQLite does not wait for other processes here, so this does.
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except StoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return
