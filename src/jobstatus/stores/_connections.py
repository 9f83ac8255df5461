"""One SQLite connection for each thread of each process."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, final

from jobstatus.errors import StoreError

_INHERITED: Final[list[object]] = []
"""Connections of a parent process. A child must neither use nor close them."""
_PAUSE: Final = 0.005


@final
class Connection:
    """A connection of one thread, which closes it when the thread or the store ends."""

    __slots__ = ("__weakref__", "_raw")

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        Raises:
            StoreError: If SQLite fails.
        """
        try:
            return self._raw.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(message=f"SQLite failed: {error}") from error

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Begin a transaction that may write, and end it with the context."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._raw.in_transaction:
                self.execute("ROLLBACK")
            raise


@final
class Connections:
    """Opens connections when they are needed, and closes them."""

    def __init__(self, path: str, *, timeout: float, synchronous: str) -> None:
        self._path, self._timeout, self._synchronous = path, timeout, synchronous
        self._is_closed = False
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()  # a new one, because another thread may hold that of a parent
        self._local = threading.local()
        self._open_ones = weakref.WeakSet[Connection]()
        self._process = os.getpid()

    def get(self) -> Connection:
        """Return the connection of this thread.

        Raises:
            StoreError: If the store is closed, or if the database cannot be opened.
        """
        if self._process != os.getpid():  # after a fork
            _INHERITED.append((self._local, [*self._open_ones]))
            self._reset()
        if self._is_closed:
            raise StoreError(message="the store is closed")
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
            self._open_ones.add(connection)
        return connection

    def _open(self) -> Connection:
        try:
            raw = sqlite3.connect(
                self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(message=f"SQLite failed: {error}") from error
        connection = Connection(raw)
        self._switch_to_wal(connection)
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        return connection

    def _switch_to_wal(self, connection: Connection) -> None:
        # SQLite does not wait for other processes here, so this does.
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except StoreError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        with self._lock:
            self._is_closed = True
            for connection in [*self._open_ones]:
                connection.close()
