"""What a guard refuses in every database. Other modules import these tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from typing import Any

import pytest

from jobstatus import RETRYING, STANDARD, JobState, Lifecycle
from jobstatus.contract import sql
from tests.support.databases import Connection

TABLE = "aiGenerationJobs"
NAMES = [
    'a"b`c',
    "a'; DROP TABLE other; --",
    "$jobstatus$ $jobstatus1$",
    "x*/ y /* z",
    "100%s {} %",
    "line\nbreak // ;",
    "select",
    "\u00e9\u0416",
]


@pytest.fixture
def connection(address: str) -> Iterator[Connection]:
    """Return a connection of a program that knows nothing of the guard."""
    with closing(Connection(address)) as opened:
        yield opened


@pytest.fixture
def guarded(connection: Connection) -> Connection:
    """Return a connection to a guarded table with one queued job."""
    create(connection)
    install(connection)
    connection.execute("INSERT INTO jobs (id, status) VALUES (1, 'queued')")
    return connection


def create(connection: Connection, table: str = "jobs", column: str = "status") -> None:
    """Create a table as other programs have it."""
    name, status = (quoted(connection, text) for text in (table, column))
    connection.execute(
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {status} VARCHAR(40), progress INTEGER)"
    )


def install(connection: Connection, table: str = "jobs", **options: Any) -> None:
    """Guard a table."""
    for statement in sql.guard(connection.dialect, table=table, **options):
        connection.execute(statement)


def quoted(connection: Connection, name: str) -> str:
    """Quote a name as the tests need it, independently of the code under test."""
    mark = connection.quote
    return mark + name.replace(mark, 2 * mark) + mark


def run_client(command: list[str], script: str) -> None:
    """Give a script to the client of a database."""
    subprocess.run(command, check=True, input=script.encode())


def moves(connection: Connection, status: str | None) -> bool:
    """Return whether the one job can be moved."""
    return connection.accepts("UPDATE jobs SET status = ? WHERE id = 1", status)


def status_of(connection: Connection) -> object:
    """Return the state of the one job."""
    return connection.execute("SELECT status FROM jobs WHERE id = 1")[0][0]


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"])
def test_exactly_the_transitions_of_the_lifecycle_pass(
    connection: Connection, lifecycle: Lifecycle
) -> None:
    """An update that keeps the state passes, too."""
    create(connection)
    install(connection, lifecycle=lifecycle)
    for number, (before, after) in enumerate(product(JobState, JobState)):
        insert = "INSERT INTO jobs (id, status) VALUES (?, ?)"
        assert connection.accepts(insert, number, before.value)
        update = "UPDATE jobs SET status = ?, progress = 5 WHERE id = ?"
        expected = before is after or lifecycle.allows(before, after)
        assert connection.accepts(update, after.value, number) is expected
        kept = connection.execute("SELECT status FROM jobs WHERE id = ?", number)
        assert kept == [(after.value if expected else before.value,)]


def test_the_error_names_both_states(guarded: Connection) -> None:
    """Drivers show it, with SQLSTATE 23514 where there is one."""
    error: Any = guarded.refusal("UPDATE jobs SET status = 'completed'")
    assert "status: cannot go from 'queued' to 'completed'" in str(error)
    if guarded.dialect == "postgresql":
        assert (error.sqlstate, error.diag.table_name) == ("23514", "jobs")
    elif guarded.dialect == "mysql":
        assert error.args[0] == 1644


@pytest.mark.parametrize(
    "status", [None, "QUEUED", "Queued", "queued ", " queued", "", "canceled", "processing\0", "é"]
)
def test_other_texts_are_no_state(guarded: Connection, status: str | None) -> None:
    """NULL is not a state, and texts are compared by their bytes."""
    if status is not None and "\0" in status and guarded.dialect == "postgresql":
        status = "processing\u2009"  # PostgreSQL has no U+0000
    assert not moves(guarded, status)
    assert not guarded.accepts("INSERT INTO jobs (id, status) VALUES (2, ?)", status)
    assert status_of(guarded) == "queued"


def test_an_update_that_keeps_the_state_passes(guarded: Connection) -> None:
    """The guard is about moves. Programs may go on writing into other columns."""
    assert moves(guarded, "processing")
    assert moves(guarded, "completed")
    assert guarded.accepts("UPDATE jobs SET progress = 100")
    assert guarded.accepts("UPDATE jobs SET status = 'completed', progress = 99")
    assert not moves(guarded, "processing")


def test_an_upsert_is_an_update(guarded: Connection) -> None:
    """It is guarded like any other."""
    assert moves(guarded, "cancelled")
    insert = "INSERT INTO jobs (id, status) VALUES (1, 'completed')"
    upsert = {
        "mysql": f"{insert} ON DUPLICATE KEY UPDATE status = VALUES(status)",
        "other": f"{insert} ON CONFLICT (id) DO UPDATE SET status = excluded.status",
    }
    statement = upsert.get(guarded.dialect, upsert["other"])
    assert not guarded.accepts(statement)
    assert guarded.accepts(statement.replace("completed", "cancelled"))
    assert status_of(guarded) == "cancelled"


def test_deleting_and_inserting_again_makes_a_new_job(guarded: Connection) -> None:
    """A guard of moves cannot refuse it, and REPLACE is the same; the documentation says so."""
    assert moves(guarded, "cancelled")
    assert guarded.accepts("DELETE FROM jobs")
    assert guarded.accepts("INSERT INTO jobs (id, status) VALUES (1, 'completed')")
    if guarded.dialect != "postgresql":
        assert guarded.accepts("REPLACE INTO jobs (id, status) VALUES (1, 'processing')")
        assert not guarded.accepts("REPLACE INTO jobs (id, status) VALUES (1, 'PROCESSING')")


def test_a_changed_id_does_not_hide_a_move(guarded: Connection) -> None:
    """The row is the same one."""
    assert not guarded.accepts("UPDATE jobs SET id = 2, status = 'completed'")
    assert guarded.accepts("UPDATE jobs SET id = 2, status = 'processing'")
    assert guarded.accepts("UPDATE jobs SET id = 3")


def test_a_row_with_an_unknown_state_keeps_it(connection: Connection) -> None:
    """It was there before the guard. Its other columns may change."""
    create(connection)
    connection.execute("INSERT INTO jobs (id, status) VALUES (1, 'archived'), (2, NULL)")
    install(connection)
    assert connection.accepts("UPDATE jobs SET progress = 1")
    for status in ("queued", "completed", None, "other"):
        for number in (1, 2):
            kept = status is None and number == 2
            update = "UPDATE jobs SET status = ? WHERE id = ?"
            assert connection.accepts(update, status, number) is kept


def test_other_names_of_states_are_mapped(connection: Connection) -> None:
    """Two names of one state may replace each other."""
    create(connection)
    install(connection, states={"running": "processing", "it's\\": "failed"})
    connection.execute("INSERT INTO jobs (id, status) VALUES (1, 'queued')")
    assert not moves(connection, "Running")
    assert moves(connection, "running")
    assert moves(connection, "processing")
    assert not moves(connection, "queued")
    assert moves(connection, "it's\\")
    assert moves(connection, "failed")
    assert not moves(connection, "running")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_quoted(connection: Connection, name: str) -> None:
    """It may be hostile."""
    create(connection, name, name)
    install(connection, name, status_column=name, states={f"n{name}": "processing"})
    table, column = quoted(connection, name), quoted(connection, name)
    assert connection.accepts(f"INSERT INTO {table} (id, {column}) VALUES (1, 'queued')")
    assert not connection.accepts(f"UPDATE {table} SET {column} = 'completed'")
    assert connection.accepts(f"UPDATE {table} SET {column} = ?", f"n{name}")
    for statement in sql.drop_guard(connection.dialect, table=name, status_column=name):
        connection.execute(statement)
    assert connection.accepts(f"UPDATE {table} SET {column} = 'queued'")


def test_two_long_names_have_two_guards(connection: Connection) -> None:
    """Their triggers do not replace each other."""
    tables = ["t" * 50 + end for end in ("a", "b")]
    for table in tables:
        create(connection, table)
        install(connection, table)
        connection.execute(f"INSERT INTO {table} (id, status) VALUES (1, 'queued')")
    for table in tables:
        assert not connection.accepts(f"UPDATE {table} SET status = 'completed'")


def test_a_guard_replaces_the_one_before(guarded: Connection) -> None:
    """For example, to allow retries."""
    assert moves(guarded, "failed")
    assert not moves(guarded, "queued")
    install(guarded, lifecycle=RETRYING)
    assert moves(guarded, "queued")


def test_a_guard_is_removed(guarded: Connection) -> None:
    """Removing it twice does nothing."""
    for statement in sql.drop_guard(guarded.dialect, table="jobs") * 2:
        guarded.execute(statement)
    assert moves(guarded, "completed")
    assert moves(guarded, "anything")


def test_one_illegal_row_stops_a_whole_update(connection: Connection) -> None:
    """Of 100,000 rows, all change or none."""
    create(connection)
    rows = ", ".join(f"({number}, 'queued')" for number in range(1, 1_001))
    connection.execute(f"INSERT INTO jobs (id, status) VALUES {rows}")
    connection.execute(
        "INSERT INTO jobs (id, status)"
        " SELECT a.id * 1000 + b.id, 'queued' FROM jobs a, jobs b WHERE a.id < 100"
    )
    install(connection)
    assert connection.execute("SELECT count(*) FROM jobs") == [(100_000,)]
    assert moves(connection, "cancelled")
    assert not connection.accepts("UPDATE jobs SET status = 'processing'")
    counts = "SELECT status, count(*) FROM jobs GROUP BY status ORDER BY status"
    assert connection.execute(counts) == [("cancelled", 1), ("queued", 99_999)]
    assert connection.accepts("UPDATE jobs SET status = 'processing' WHERE id <> 1")
    assert connection.execute(counts) == [("cancelled", 1), ("processing", 99_999)]
