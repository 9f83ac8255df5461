"""`jobstatus.contract.sql` and the command `sql`: options and scripts. tests/stores runs them."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from typer.testing import CliRunner

from jobstatus import RETRYING, InvalidValueError
from jobstatus.cli import app
from jobstatus.contract import sql


def run(*arguments: str) -> str:
    """Return what the command prints."""
    done = CliRunner().invoke(app, ["sql", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def error_of(*arguments: str) -> str:
    """Return the error of a command that exits with 2, without its frame."""
    done = CliRunner().invoke(app, ["sql", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dialect": "oracle"},
            "dialect: expected 'sqlite', 'postgresql' or 'mysql', got 'oracle'",
        ),
        ({"table": ""}, "table: expected a name without U+0000 or surrogates, got ''"),
        ({"table": "a\0"}, "table: expected a name without U+0000 or surrogates, got 'a\\x00'"),
        ({"status_column": "\ud800"}, "status_column: expected a name without U+0000 or "),
        ({"schema": "a"}, "schema: expected None for SQLite, got 'a'"),
        ({"dialect": "mysql", "schema": ""}, "schema: expected a name without U+0000 or "),
        ({"lifecycle": "standard"}, "lifecycle: expected a Lifecycle, got 'standard'"),
        ({"states": {"a": "b"}}, "states['a']: expected queued, processing, "),
        ({"states": {"a\0": "queued"}}, "states: expected a name without U+0000 or "),
    ],
)
def test_an_invalid_option_is_rejected(options: dict[str, Any], message: str) -> None:
    """The error names it."""
    arguments: dict[str, Any] = {"dialect": "sqlite", "table": "jobs", **options}
    with pytest.raises(InvalidValueError) as refused:
        sql.guard(arguments.pop("dialect"), **arguments)
    assert refused.value.code == "invalid_option"
    assert str(refused.value).startswith(message)


def test_a_store_has_no_tables_in_mysql() -> None:
    """Only a guard."""
    mysql: Any = "mysql"
    with pytest.raises(InvalidValueError, match="for the tables of a store, got 'mysql'"):
        sql.tables(mysql)


def test_the_command_prints_what_the_functions_return() -> None:
    """As a script."""
    assert run("--dialect", "sqlite") == sql.script(sql.tables("sqlite"))
    options = ["--dialect", "postgresql", "--table", "t", "--schema", "s"]
    lifecycle = ["--lifecycle", "retrying"]
    expected = sql.tables("postgresql", table="t", schema="s", lifecycle=RETRYING)
    assert run(*options, *lifecycle) == sql.script(expected)
    guard = [*options, *lifecycle, "--guard-only", "--status-column", "c", "--state", "a=failed"]
    expected = sql.guard(
        "postgresql",
        table="t",
        schema="s",
        status_column="c",
        lifecycle=RETRYING,
        states={"a": "failed"},
    )
    assert run(*guard) == sql.script(expected)
    dropped = sql.drop_guard("mysql", table="t", status_column="c")
    command = ["--dialect", "mysql", "--table", "t", "--status-column", "c", "--drop"]
    assert run(*command, "--for-client") == sql.script(dropped, for_client=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--state", "a=queued"], "needs --guard-only"),
        (["--drop", "--state", "a=queued"], "needs --guard-only"),
        (["--status-column", "c"], "needs --guard-only"),
        (["--guard-only", "--state", "a"], "expected NAME=STATE, got 'a'"),
        (["--guard-only", "--partitions", "2"], "needs the tables of a store"),
        (["--partitions", "2"], "partitions: expected None, or for PostgreSQL at least 1, got 2"),
        (["--schema", "s"], "schema: expected None for SQLite, got 's'"),
    ],
)
def test_an_option_that_would_do_nothing_is_an_error(arguments: list[str], message: str) -> None:
    """So is one with an invalid value."""
    assert message in error_of("--dialect", "sqlite", *arguments)


def test_mysql_has_a_guard_only() -> None:
    """The error says which option to add."""
    assert "needs --guard-only or --drop for mysql" in error_of("--dialect", "mysql")


def test_a_script_makes_the_tables_that_a_store_opens() -> None:
    """Running it twice does nothing."""
    database = sqlite3.connect(":memory:")
    for _ in range(2):
        database.executescript(run("--dialect", "sqlite"))
    assert database.execute("SELECT version FROM jobs_schema").fetchall() == [(1,)]
    database.close()


def test_a_delimiter_and_a_dollar_tag_occur_in_no_name() -> None:
    """Otherwise a name could end the statement."""
    name = "a // b $jobstatus$ /// $jobstatus1$"
    text = sql.script(sql.guard("mysql", table=name), for_client=True)
    assert text.startswith("DELIMITER ////\n")
    assert text.count("////\n") == 5
    function = next(s for s in sql.guard("postgresql", table=name) if "FUNCTION" in s)
    assert function.count("$jobstatus2$") == 2


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_no_name_is_in_a_comment(dialect: sql.Dialect) -> None:
    """There are no comments."""
    text = sql.script(sql.guard(dialect, table="t"))
    assert "--" not in text
    assert "/*" not in text


def test_tables_are_divided_by_a_hash_of_the_id() -> None:
    """Each part is a table."""
    text = run("--dialect", "postgresql", "--partitions", "2", "--schema", "s")
    assert text.count(" PARTITION BY HASH (id)") == 2
    part = 'CREATE TABLE IF NOT EXISTS "s"."jobs_changes_1" PARTITION OF "s"."jobs_changes"'
    assert f"{part} FOR VALUES WITH (MODULUS 2, REMAINDER 1)" in text


def test_a_name_that_postgresql_would_cut_is_rejected() -> None:
    """Two tables would have one name."""
    assert sql.tables("postgresql", table="a" * 48)
    with pytest.raises(InvalidValueError, match=r"^table: expected a name of at most 48 bytes"):
        sql.tables("postgresql", table="\u00e9" * 25)
