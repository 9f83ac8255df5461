"""The lifecycle as SQL: tables for a store, and a guard for a table that exists already.

The statements are for SQLite, PostgreSQL (13 and later), and MySQL or MariaDB. ``docs/guard.md``
lists the changes that a guard rejects, and those that it does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jobstatus._states import JobState
from jobstatus._wire import States, invalid_option
from jobstatus.codec import Codec
from jobstatus.contract._dialects import (
    Dialect,
    Guard,
    check_name,
    delimiter,
    hashed_name,
    literal_sqlite,
    mysql_guard,
    postgresql_guard,
    quote_mysql,
    quote_standard,
    sqlite_guard,
)
from jobstatus.lifecycle import STANDARD, Lifecycle

__all__ = ["SCHEMA_VERSION", "Dialect", "drop_guard", "guard", "script", "tables"]

SCHEMA_VERSION: Final = 1
"""The version of the tables. A store that finds tables of another version raises StoreError."""

_QUOTE: Final = {"sqlite": quote_standard, "postgresql": quote_standard, "mysql": quote_mysql}
_GUARD: Final = {"sqlite": sqlite_guard, "postgresql": postgresql_guard, "mysql": mysql_guard}
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS {schema} (version INTEGER NOT NULL, lifecycle TEXT NOT NULL)",
    """\
CREATE TABLE IF NOT EXISTS {jobs} (
    id TEXT {binary} NOT NULL PRIMARY KEY,
    creation TEXT NOT NULL,
    version {bigint} NOT NULL,
    status TEXT NOT NULL,
    payload TEXT NOT NULL,
    changed {bigint} NOT NULL,
    ended {bigint} GENERATED ALWAYS AS (CASE WHEN status IN ({terminal}) THEN changed END) STORED
){partitioned}""",
    """\
CREATE TABLE IF NOT EXISTS {changes} (
    {cursor},
    id TEXT {binary} NOT NULL,
    creation TEXT NOT NULL,
    version {bigint} NOT NULL,
    payload TEXT NOT NULL,
    changed {bigint} NOT NULL,
    {unique} (id, creation, version)
){partitioned}""",
    # A column that changes only when a job ends, so that most updates need not touch the index.
    "CREATE INDEX IF NOT EXISTS {ended} ON {jobs} (ended)",
)
# Changes are read in the order of their transactions; see docs/design.md.
_ORDER: Final = "CREATE INDEX IF NOT EXISTS {order} ON {changes} (xid, cursor)"
_PARTITION: Final = (
    "CREATE TABLE IF NOT EXISTS {partition} PARTITION OF {whole}"
    " FOR VALUES WITH (MODULUS {count}, REMAINDER {number})"
)
_MAX_NAME: Final = 48
_SET_VERSION: Final = (
    "INSERT INTO {schema} SELECT {number}, {lifecycle} WHERE NOT EXISTS (SELECT 1 FROM {schema})"
)
_SQLITE: Final = {
    "binary": "COLLATE BINARY",
    "bigint": "INTEGER",
    "cursor": "cursor INTEGER PRIMARY KEY AUTOINCREMENT",
    "unique": "UNIQUE",
}
_POSTGRESQL: Final = {
    "binary": 'COLLATE "C"',
    "bigint": "BIGINT",
    "cursor": "cursor {number},\n    xid xid8 NOT NULL DEFAULT pg_current_xact_id()",
    "unique": "PRIMARY KEY",
}


def tables(
    dialect: Dialect,
    *,
    table: str = "jobs",
    schema: str | None = None,
    lifecycle: Lifecycle = STANDARD,
    partitions: int | None = None,
) -> list[str]:
    """Return the statements that create the tables of a store, with their guard.

    A store runs these statements itself. Print them for a migration, or for a store whose role may
    not create tables.

    Args:
        dialect: ``"sqlite"`` or ``"postgresql"``.
        table: The name of the table of jobs. The names of the other tables begin with it.
        schema: The schema of the tables in PostgreSQL; by default that of the search path.
        lifecycle: The legal transitions.
        partitions: For PostgreSQL, into how many parts the tables are divided by a hash of the id.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid.

    Example:
        >>> [statement.splitlines()[0] for statement in tables("sqlite")][1]
        'CREATE TABLE IF NOT EXISTS "jobs" ('
    """
    if dialect not in {"sqlite", "postgresql"}:
        expected = "'sqlite' or 'postgresql' for the tables of a store"
        raise invalid_option("dialect", expected, dialect)
    parts = _guard(dialect, table, "status", schema, lifecycle, {}, payload='"payload"')
    names = table_names(dialect, table, schema)
    if partitions is not None and (dialect == "sqlite" or partitions < 1):
        raise invalid_option("partitions", "None, or for PostgreSQL at least 1", partitions)
    kinds = _kinds(dialect, lifecycle, is_partitioned=partitions is not None)
    texts = _TABLES if dialect == "sqlite" else (*_TABLES, _ORDER)
    version = {"number": str(SCHEMA_VERSION), "lifecycle": literal_sqlite(describe(lifecycle))}
    drop_triggers = drop_guard(dialect, table=table, schema=schema)[:2]
    return [
        *(text.format_map({**names, **kinds}) for text in texts),
        *_partitions(table, schema, partitions or 0),
        *drop_triggers,
        *_GUARD[dialect](parts),
        _SET_VERSION.format_map({**names, **version}),
    ]


def guard(  # noqa: PLR0913 - one for each option
    dialect: Dialect,
    *,
    table: str,
    status_column: str = "status",
    schema: str | None = None,
    lifecycle: Lifecycle = STANDARD,
    states: States | None = None,
) -> list[str]:
    """Return the statements that guard a table of other programs.

    Its triggers reject an update that changes the state, unless the lifecycle has this transition.
    An update that keeps the state always passes. A new row may be in any state. NULL and unknown
    names are rejected. If the statements run again, they replace the guard.

    Args:
        dialect: ``"sqlite"``, ``"postgresql"``, or ``"mysql"``, which includes MariaDB.
        table: The name of the table.
        status_column: The name of the column with the state.
        schema: The schema of the table in PostgreSQL, its database in MySQL. By default, the
            connection decides.
        lifecycle: The legal transitions.
        states: Other names of states in the table, such as ``{"running": "processing"}``.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid.

    Example:
        >>> len(guard("mysql", table="aiGenerationJobs", states={"running": "processing"}))
        4
    """
    parts = _guard(dialect, table, status_column, schema, lifecycle, states or {})
    drop_triggers = drop_guard(dialect, table=table, status_column=status_column, schema=schema)[:2]
    return [*drop_triggers, *_GUARD[dialect](parts)]


def drop_guard(
    dialect: Dialect,
    *,
    table: str,
    status_column: str = "status",
    schema: str | None = None,
) -> list[str]:
    """Return the statements that remove a guard. They do nothing if there is none.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an argument is invalid.

    Example:
        >>> print(drop_guard("sqlite", table="jobs")[0])
        DROP TRIGGER IF EXISTS "jobstatus_6dfa02bb5ab3611f_insert"
    """
    parts = _guard(dialect, table, status_column, schema, STANDARD, {})
    quote = _QUOTE[dialect]
    owner = f" ON {parts.table}" if dialect == "postgresql" else ""
    within = parts.schema if dialect == "mysql" else ""
    statements = [
        f"DROP TRIGGER IF EXISTS {within}{quote(parts.prefix + event)}{owner}"
        for event in ("_insert", "_update")
    ]
    if dialect == "postgresql":
        statements.append(f"DROP FUNCTION IF EXISTS {parts.schema}{quote(parts.prefix)}()")
    return statements


def script(statements: Iterable[str], *, for_client: bool = False) -> str:
    """Return statements as a text that psql, the sqlite3 shell or a migration can run.

    Args:
        statements: The statements.
        for_client: Whether the text is for the mysql client, which needs another delimiter.

    Example:
        >>> print(script(["SELECT 1", "SELECT 2"], for_client=True), end="")
        DELIMITER //
        SELECT 1//
        SELECT 2//
        DELIMITER ;
    """
    listed = list(statements)
    if not for_client:
        return "".join(f"{statement};\n" for statement in listed)
    end = delimiter(listed)
    lines = "".join(f"{statement}{end}\n" for statement in listed)
    return f"DELIMITER {end}\n{lines}DELIMITER ;\n"


def describe(lifecycle: Lifecycle) -> str:
    """Return a lifecycle as the text that the tables keep. Its reasons are not in it."""
    rows = (f"{state}: {', '.join(row)}" for state, row in lifecycle.table.items() if row)
    return f"{lifecycle.initial}; {'; '.join(rows)}"


def table_names(dialect: Dialect, table: str, schema: str | None) -> dict[str, str]:
    """Return the quoted names of a store's tables and of its index."""
    within = _within(dialect, schema)
    name = check_name("table", table)
    if dialect == "postgresql" and len(name.encode()) > _MAX_NAME:
        # PostgreSQL cuts names at 63 bytes, so that two tables would have one name.
        raise invalid_option("table", f"a name of at most {_MAX_NAME} bytes", table)
    return {
        "jobs": within + quote_standard(name),
        "changes": within + quote_standard(f"{name}_changes"),
        "schema": within + quote_standard(f"{name}_schema"),
        "ended": quote_standard(f"{name}_ended"),
        "order": quote_standard(f"{name}_order"),
    }


def _kinds(dialect: Dialect, lifecycle: Lifecycle, *, is_partitioned: bool) -> dict[str, str]:
    terminal = (f"'{state}'" for state in JobState if state in lifecycle.terminal)
    # Partitioned tables have no identity columns before PostgreSQL 17.
    number = "BIGSERIAL" if is_partitioned else "BIGINT GENERATED ALWAYS AS IDENTITY"
    kinds = {
        "terminal": ", ".join(terminal),
        "partitioned": " PARTITION BY HASH (id)" if is_partitioned else "",
    }
    chosen = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    return kinds | {name: text.replace("{number}", number) for name, text in chosen.items()}


def _partitions(table: str, schema: str | None, count: int) -> Iterator[str]:
    for name in (table, f"{table}_changes"):
        within = _within("postgresql", schema)
        for number in range(count):
            parts = {
                "partition": within + quote_standard(f"{name}_{number}"),
                "whole": within + quote_standard(name),
                "count": str(count),
                "number": str(number),
            }
            yield _PARTITION.format_map(parts)


def _within(dialect: Dialect, schema: str | None) -> str:
    if dialect not in _QUOTE:
        raise invalid_option("dialect", "'sqlite', 'postgresql' or 'mysql'", dialect)
    if schema is None:
        return ""
    if dialect == "sqlite":
        raise invalid_option("schema", "None for SQLite", schema)
    return _QUOTE[dialect](check_name("schema", schema)) + "."


def _guard(  # noqa: PLR0913, PLR0917 - the parts of a guard
    dialect: Dialect,
    table: str,
    column: str,
    schema: str | None,
    lifecycle: Lifecycle,
    states: States,
    payload: str | None = None,
) -> Guard:
    within, quote = _within(dialect, schema), _QUOTE[dialect]
    check_name("table", table)
    check_name("status_column", column)
    if type(lifecycle) is not Lifecycle:
        raise invalid_option("lifecycle", "a Lifecycle", lifecycle)
    names: dict[JobState, tuple[str, ...]] = {state: (state.value,) for state in JobState}
    for name, state in Codec(states=states).states:
        names[state] += (check_name("states", name),)
    return Guard(
        table=within + quote(table),
        schema=within,
        column=quote(column),
        payload=payload,
        prefix=hashed_name(schema, table, column),
        names=names,
        lifecycle=lifecycle,
        words=(table, column, schema or "", *(name for row in names.values() for name in row)),
    )
