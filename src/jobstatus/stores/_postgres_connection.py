"""A connection to PostgreSQL, which needs psycopg."""

from __future__ import annotations

import math
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from jobstatus.errors import InvalidValueError, StoreError
from jobstatus.stores._connections import is_inherited
from jobstatus.stores._database import Rows


@final
class PostgresConnection:
    """A connection of one thread, which closes it when the thread or the store ends."""

    __slots__ = ("__weakref__", "_cursor", "_is_listening", "_process", "_raw")

    def __init__(self, raw: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._raw, self._cursor = raw, raw.cursor()  # making one each time takes 40 µs
        self._is_listening, self._process = False, os.getpid()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if not is_inherited(self._raw, self._process):  # pragma: no branch - tested in a child
            self._raw.close()

    @property
    def is_broken(self) -> bool:
        """Whether the connection is lost."""
        return self._raw.closed

    def execute(self, statement: str, *values: object) -> Rows:
        """Run a statement that returns rows. Values go in place of each ``%s``.

        Raises:
            StoreError: If PostgreSQL fails.
        """
        with _failing():
            self._send(statement, values)
            return self._cursor.fetchall()

    def _send(self, statement: str, values: tuple[object, ...] | None = None) -> None:
        try:
            self._cursor.execute(statement.encode(), values)
        except KeyboardInterrupt:
            self.close()  # its statement may still be running; another connection goes on
            raise

    def command(self, statement: str) -> None:
        """Run a statement that returns no rows.

        Raises:
            StoreError: If PostgreSQL fails.
        """
        with _failing():
            self._send(statement)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Begin a transaction, and end it with the context."""
        try:
            self.command("BEGIN")
            yield
            self.command("COMMIT")
        except BaseException:
            with suppress(StoreError):  # the first error says more
                self.command("ROLLBACK")
            raise

    def wait(self, channel: str, seconds: float) -> None:
        """Wait for a notification, at most for a time.

        Raises:
            StoreError: If PostgreSQL fails.
        """
        with _failing():
            if not self._is_listening:
                self.command(f"LISTEN {channel}")
                self._is_listening = True
            for _ in self._raw.notifies(timeout=seconds, stop_after=1):
                pass


@contextmanager
def _failing() -> Generator[None]:
    try:
        yield
    except psycopg.Error as error:
        # The other lines quote the statement and its values.
        line, *_ = str(error).splitlines() or [type(error).__name__]
        raise StoreError(message=f"PostgreSQL failed: {line}") from error


def check_conninfo(conninfo: str) -> None:
    """Raise InvalidValueError for a text that is no connection string."""
    try:
        conninfo_to_dict(conninfo)
    except (psycopg.Error, TypeError, AttributeError):
        # Neither the text nor the error is shown, because they may have a password.
        message = "conninfo: expected a connection string or URI of PostgreSQL"
        raise InvalidValueError("invalid_option", message) from None


def connect(conninfo: str, timeout: float) -> PostgresConnection:
    """Open a connection.

    Raises:
        StoreError: If PostgreSQL fails.
    """
    with _failing():
        raw = psycopg.connect(
            conninfo,
            autocommit=True,
            client_encoding="utf-8",  # whatever the encoding of the database
            connect_timeout=max(math.ceil(timeout), 1),
        )
        # A stricter isolation, which may be the default, makes errors of what a lock can wait for.
        settings = (
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;"
            f"SET statement_timeout = {math.ceil(timeout * 1000)}"
        )
        raw.execute(settings.encode())
    return PostgresConnection(raw)
