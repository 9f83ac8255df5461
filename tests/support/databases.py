"""Stores and tables in the databases of the tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Any, cast
from uuid import uuid4

from jobstatus.contract.sql import Dialect
from jobstatus.stores import PostgresStore, SqliteStore, Store

POSTGRESQL = "postgresql://root@127.0.0.1"
MARIADB = "mysql://root@127.0.0.1"


def open_store(address: str, **options: Any) -> Store:
    """Open a store in PostgreSQL, if the address says so, or in an SQLite file without waiting."""
    if address.startswith(POSTGRESQL):
        return PostgresStore(address, **options)
    return SqliteStore(address, **dict(options, synchronous="NORMAL"))


def execute(address: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements on another connection, and return the rows of the last one."""
    with closing(Connection(address)) as connection:
        *_, rows = map(connection.execute, statements)
        return rows


@contextmanager
def postgresql_database() -> Generator[str]:
    """Create a database in PostgreSQL, and yield its address."""
    name = f"jobstatus_{uuid4().hex[:12]}"
    execute(f"{POSTGRESQL}/postgres", f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRESQL}/{name}"
    finally:
        execute(f"{POSTGRESQL}/postgres", f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def mariadb_database() -> Generator[str]:
    """Create a database in MariaDB, and yield its address."""
    name = f"jobstatus_{uuid4().hex[:12]}"
    with closing(Connection(f"{MARIADB}/")) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{MARIADB}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name}")


class Connection:
    """A connection of some other program, whose writes may be refused.

    Attributes:
        dialect: The dialect of the database.
        quote: The quotation mark of its names.
    """

    dialect: Dialect
    quote = '"'

    def __init__(self, address: str) -> None:
        self._connection: Any
        self._refused: tuple[type[Exception], ...]
        if address.startswith(POSTGRESQL):
            import psycopg

            self.dialect, self._mark = "postgresql", "%s"
            self._connection = psycopg.connect(address, autocommit=True)
            self._refused = (psycopg.IntegrityError,)
        elif address.startswith(MARIADB):
            import pymysql

            self.dialect, self._mark, self.quote = "mysql", "%s", "`"
            name = address.rpartition("/")[2]
            options: Any = {"user": "root", "database": name or None, "autocommit": True}
            self._connection = pymysql.connect(host="127.0.0.1", **options)
            # PyMySQL has no class for an error number of SIGNAL.
            self._refused = (pymysql.err.IntegrityError, pymysql.err.OperationalError)
        else:
            self.dialect, self._mark = "sqlite", "?"
            self._connection = sqlite3.connect(address, isolation_level=None, timeout=30)
            self._refused = (sqlite3.IntegrityError,)

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement, in which each value has the mark ``?``."""
        cursor = self._connection.cursor()
        if values:
            if self._mark != "?":
                statement = statement.replace("%", "%%").replace("?", self._mark)
            cursor.execute(statement, values)
        else:
            cursor.execute(statement)
        return cast("list[tuple[Any, ...]]", [*cursor.fetchall()] if cursor.description else [])

    def refusal(self, statement: str, *values: object) -> Exception | None:
        """Run a statement, and return the error if the database refused it."""
        try:
            self.execute(statement, *values)
        except self._refused as error:
            return error
        return None

    def accepts(self, statement: str, *values: object) -> bool:
        """Run a statement, and return whether the database accepted it."""
        return self.refusal(statement, *values) is None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
