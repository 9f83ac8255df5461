"""A guard in PostgreSQL refuses illegal moves, whoever writes."""

from __future__ import annotations

import pytest

from jobstatus.contract import sql
from tests.stores.guard_behaviour import *  # noqa: F403 - the tests of every database
from tests.stores.guard_behaviour import NAMES, create, install, quoted, run_client
from tests.support.databases import Connection


@pytest.mark.parametrize(
    "column",
    [
        "CHAR(20)",
        "states",
        "TEXT COLLATE near",
    ],
)
def test_the_type_of_the_column_does_not_matter(guarded: Connection, column: str) -> None:
    """It may be an enum, or have a collation in which other texts are equal."""
    guarded.execute("CREATE TYPE states AS ENUM ('queued', 'processing', 'completed', 'QUEUED')")
    guarded.execute(
        "CREATE COLLATION near (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
    )
    guarded.execute(f"CREATE TABLE other (id INTEGER PRIMARY KEY, status {column})")
    install(guarded, "other")
    guarded.execute("INSERT INTO other VALUES (1, 'queued')")
    assert not guarded.accepts("UPDATE other SET status = 'completed'")
    assert not guarded.accepts("UPDATE other SET status = 'QUEUED'")
    assert guarded.accepts("UPDATE other SET status = 'processing'")


def test_a_table_partitioned_by_state_is_guarded(guarded: Connection) -> None:
    """A move to another partition deletes and inserts a row."""
    guarded.execute("CREATE TABLE parts (id INTEGER, status TEXT) PARTITION BY LIST (status)")
    guarded.execute("CREATE TABLE active PARTITION OF parts FOR VALUES IN ('queued', 'processing')")
    guarded.execute("CREATE TABLE ended PARTITION OF parts DEFAULT")
    install(guarded, "parts")
    guarded.execute("INSERT INTO parts VALUES (1, 'queued')")
    assert not guarded.accepts("UPDATE parts SET status = 'completed'")
    assert guarded.accepts("UPDATE parts SET status = 'cancelled'")
    assert not guarded.accepts("UPDATE parts SET status = 'queued'")


def test_a_schema_is_named(guarded: Connection) -> None:
    """The function is in the schema of the table, not in that of the search path."""
    guarded.execute("CREATE SCHEMA other")
    guarded.execute("CREATE TABLE other.jobs (id INTEGER, status TEXT)")
    install(guarded, schema="other")
    guarded.execute("INSERT INTO other.jobs VALUES (1, 'queued')")
    assert not guarded.accepts("UPDATE other.jobs SET status = 'completed'")
    for statement in sql.drop_guard("postgresql", table="jobs", schema="other"):
        guarded.execute(statement)
    assert guarded.accepts("UPDATE other.jobs SET status = 'completed'")
    assert not guarded.accepts("UPDATE jobs SET status = 'completed'")


def test_psql_reads_the_script(connection: Connection, address: str) -> None:
    """The semicolons in the function do not end its statement."""
    create(connection, NAMES[0])
    text = sql.script(sql.guard("postgresql", table=NAMES[0]))
    run_client(["psql", "-qX", "-v", "ON_ERROR_STOP=1", address], text)
    name = quoted(connection, NAMES[0])
    connection.execute(f"INSERT INTO {name} VALUES (1, 'queued')")
    assert not connection.accepts(f"UPDATE {name} SET status = 'completed'")
