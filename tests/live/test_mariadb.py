"""A guard in MariaDB refuses illegal moves, whoever writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobstatus.contract import sql
from tests.live.conftest import require_server
from tests.stores.guard_behaviour import *  # noqa: F403 - the tests of every database
from tests.stores.guard_behaviour import NAMES, create, install, quoted, run_client
from tests.support.databases import Connection, mariadb_database


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of an empty database in MariaDB."""
    pytest.importorskip("pymysql", reason="PyMySQL is not installed")
    require_server("MariaDB", 3306)
    with mariadb_database() as created:
        yield created


@pytest.mark.parametrize(
    "column",
    [
        "ENUM('queued', 'processing', 'completed')",
        "CHAR(20)",
        "VARCHAR(20) CHARACTER SET utf16",
        "VARBINARY(20)",
    ],
)
def test_the_type_of_the_column_does_not_matter(guarded: Connection, column: str) -> None:
    """Its bytes in UTF-8 are compared."""
    guarded.execute(f"CREATE TABLE other (id INTEGER PRIMARY KEY, status {column})")
    install(guarded, "other")
    guarded.execute("INSERT INTO other VALUES (1, 'queued')")
    assert not guarded.accepts("UPDATE other SET status = 'completed'")
    assert guarded.accepts("UPDATE other SET status = 'processing'")
    assert guarded.accepts("UPDATE other SET status = 'completed'")


def test_the_message_is_cut(guarded: Connection) -> None:
    """A longer one than 128 characters would be another error."""
    guarded.execute("ALTER TABLE jobs MODIFY status VARCHAR(2000) CHARACTER SET utf8mb4")
    error = guarded.refusal("UPDATE jobs SET status = ?", "\u00e9" * 2_000)
    assert error is not None
    assert error.args[0] == 1644
    assert error.args[1].startswith("status: cannot go from 'queued' to '\u00e9")


def test_a_database_is_named(guarded: Connection, address: str) -> None:
    """Its trigger belongs to it."""
    guarded.execute("USE information_schema")
    install(guarded, schema=address.rpartition("/")[2])
    guarded.execute(f"USE {address.rpartition('/')[2]}")
    assert not guarded.accepts("UPDATE jobs SET status = 'completed'")


def test_the_client_reads_the_script(connection: Connection, address: str) -> None:
    """It needs another delimiter than the semicolon."""
    create(connection, NAMES[5])
    text = sql.script(sql.guard("mysql", table=NAMES[5]), for_client=True)
    command = ["mariadb", "-h127.0.0.1", "-uroot", "--default-character-set=utf8mb4"]
    run_client([*command, address.rpartition("/")[2]], text)
    name = quoted(connection, NAMES[5])
    connection.execute(f"INSERT INTO {name} (id, status) VALUES (1, 'queued')")
    assert not connection.accepts(f"UPDATE {name} SET status = 'completed'")
