"""A store in PostgreSQL, for any number of machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, final

from jobstatus._wire import invalid_option
from jobstatus.contract import sql
from jobstatus.contract._dialects import hashed_name
from jobstatus.errors import StoreError
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.stores._connections import Connections
from jobstatus.stores._database import Database, Rows, check_timeout
from jobstatus.stores._records import Version
from jobstatus.stores._statements import postgresql_statements
from jobstatus.stores._store import Store

if TYPE_CHECKING:
    from jobstatus.stores._postgres_connection import PostgresConnection

_CURSOR: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


@final
class PostgresStore(Store):
    """A store of jobs in PostgreSQL 13 or later, with the methods of `SqliteStore`.

    It needs psycopg 3, which the extra ``postgres`` installs. Each accepted change is one
    statement. Each thread has a connection, and a lost one is replaced at the next call.

    Args:
        conninfo: A connection string or URI of PostgreSQL.
        lifecycle: The legal transitions.
        table: The name of the table of jobs. The names of the other tables begin with it.
        schema: The schema of the tables; by default that of the search path.
        notify: Whether each change wakes the callers of `watch` with NOTIFY. Commits then wait for
            each other, because NOTIFY takes a lock of the whole server.
        timeout: How long to wait for a connection, and for a statement, in seconds.

    Raises:
        ImportError: If psycopg is not installed.
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid.
        StoreError: If the database cannot be reached, or has the tables of another version or
            lifecycle.

    Example:
        >>> PostgresStore("host=127.0.0.1 port=1")
        Traceback (most recent call last):
        ...
        jobstatus.errors.StoreError: PostgreSQL failed: ...Connection refused...
    """

    def __init__(  # noqa: PLR0913 - one for each option
        self,
        conninfo: str,
        *,
        lifecycle: Lifecycle = STANDARD,
        table: str = "jobs",
        schema: str | None = None,
        notify: bool = False,
        timeout: float = 30.0,
    ) -> None:
        try:
            from jobstatus.stores._postgres_connection import check_conninfo, connect
        except ImportError as error:
            needed = "pip install 'jobstatus[postgres]' 'psycopg[binary]'"
            raise ImportError(f"PostgresStore needs psycopg: {needed}") from error
        check_conninfo(conninfo)
        check_timeout(timeout)
        tables = sql.tables("postgresql", table=table, schema=schema, lifecycle=lifecycle)
        channel = hashed_name(schema, table) if notify else None
        statements = postgresql_statements(table, schema, channel=channel)
        connections = Connections(partial(connect, conninfo, timeout))
        super().__init__(PostgresDatabase(connections, tables, statements, channel), lifecycle)


@final
class PostgresDatabase(Database):
    """The tables of a store in PostgreSQL."""

    ids: ClassVar[str] = f"{Database.ids} without U+0000"

    def __init__(
        self,
        connections: Connections[PostgresConnection],
        tables: list[str],
        statements: Mapping[str, str],
        channel: str | None,
    ) -> None:
        self._connections, self._tables, self._statements = connections, tables, statements
        self._channel = channel

    def can_store(self, id: str) -> bool:
        """Return whether a job can have this id."""
        return "\0" not in id and super().can_store(id)

    def open(self, lifecycle: Lifecycle) -> None:
        """Create the tables, or check those that exist."""
        super().open(lifecycle)
        if self.run("is_restored"):
            self.run("restore")

    def create_tables(self) -> None:
        """Create the tables, even if another process does it at the same time."""
        connection = self._connections.get()
        with connection.transaction():
            connection.command(self._statements["lock"])
            if self._run_once("exists"):  # another one was faster, perhaps with another lifecycle
                return
            for statement in self._tables:
                connection.command(statement)

    def _run_once(self, name: str, *values: object) -> Rows:
        return self._connections.get().execute(self._statements[name], *values)

    def run(self, name: str, *values: object) -> Rows:
        """Run a statement; if the connection is lost, run it once more on another one."""
        connection = self._connections.get()
        try:
            return connection.execute(self._statements[name], *values)
        except StoreError:
            if not connection.is_broken:
                raise
        return self._run_once(name, *values)

    def changing(self, *, is_contended: bool) -> AbstractContextManager[None]:
        """Return a transaction if writers meet. Otherwise, `replace` alone compares versions."""
        return self._connections.get().transaction() if is_contended else nullcontext()

    def create(self, id: str, creation: str, status: str, payload: str) -> bool:
        """Store a new job, and return False if its id is taken."""
        if self.run("create", id, creation, status, payload):
            return True
        # It may be ours, if the connection was lost after the statement.
        return [row[1] for row in self.run("read", id)] == [creation]

    def replace(self, id: str, before: Version, status: str, payload: str) -> bool:
        """Replace a job, and return False if it has another version."""
        values = (status, payload, id, before.creation, before.number)
        return bool(self._run_once("replace", *values))

    def changes(self, after: str | None) -> Rows:
        """Return some changes after a cursor."""
        match = _CURSOR.fullmatch("0-0" if after is None else after)
        if match is None:
            raise invalid_option("after", "the cursor of a change", after)
        return self.run("changes", match[1], int(match[2]))

    def changed(self, seen: list[tuple[str, int, str]]) -> Rows:
        """Return the jobs that have another version than the one that was seen."""
        columns = zip(*seen, strict=True)
        return self.run("changed", *map(list, columns))

    def prune(self, limit: int) -> int:
        """Remove some jobs that ended before a time value, and return their number."""
        ((count,),) = self.run("prune", limit)
        return int(count)

    def wait(self, seconds: float) -> None:
        """Wait until somebody notifies, or the time has passed, or the store is closed."""
        if self._channel is None:
            self._connections.closed.wait(seconds)
        else:
            self._connections.get().wait(self._channel, seconds)

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        self._connections.close()
