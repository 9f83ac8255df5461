"""How SQLite, PostgreSQL and MySQL write names, texts and the triggers of a guard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import count
from typing import Final, Literal, TypeAlias

import attrs

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt
from jobstatus._wire import invalid_option
from jobstatus.lifecycle import Lifecycle

Dialect: TypeAlias = Literal["sqlite", "postgresql", "mysql"]

_PLAIN: Final = re.compile(r"[\w .:,-]*", re.ASCII)
"""Texts that every dialect and every setting of it reads alike."""


def is_utf8(text: str) -> bool:
    """Return whether a text has no surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_name(option: str, name: str) -> str:
    """Return a name that can be quoted.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if it cannot.
    """
    if not name or "\0" in name or not is_utf8(name):
        raise invalid_option(option, "a name without U+0000 or surrogates", name)
    return name


def quote_standard(name: str) -> str:
    """Quote a name as the SQL standard does."""
    return '"{}"'.format(name.replace('"', '""'))


def quote_mysql(name: str) -> str:
    """Quote a name for MySQL, whose setting ANSI_QUOTES may be off."""
    return "`{}`".format(name.replace("`", "``"))


def literal_sqlite(text: str) -> str:
    """Return a text for SQLite, where a backslash is like any other character."""
    return "'{}'".format(text.replace("'", "''"))


def literal(text: str) -> str:
    """Return a text for PostgreSQL."""
    plain = literal_sqlite(text)
    # Without a prefix, a backslash would depend on the setting standard_conforming_strings.
    return "E" + plain.replace("\\", "\\\\") if "\\" in text else plain


def literal_mysql(text: str) -> str:
    """Return the bytes of a text for MySQL, where a backslash depends on a setting."""
    return f"'{text}'" if _PLAIN.fullmatch(text) else f"0x{text.encode().hex()}"


def hashed_name(*parts: str | None) -> str:
    """Return a short name for a combination of names.

    Databases cut names at 63 or 64 characters, and two long ones would become one.
    """
    return "jobstatus_" + sha256(json.dumps(parts).encode()).hexdigest()[:16]


@attrs.frozen
class Guard:
    """What the triggers of a guard are made from.

    Attributes:
        table: The quoted name of the table, after its schema.
        schema: The quoted schema and a dot, or an empty text.
        column: The quoted name of the column with the state.
        payload: The quoted name of the column with the payload, or None.
        prefix: The beginning of the names of triggers and functions.
        names: For each state, its names in the table.
        lifecycle: The legal transitions.
        words: All names, from which a dollar tag must differ.
    """

    table: str
    schema: str
    column: str
    payload: str | None
    prefix: str
    names: Mapping[JobState, tuple[str, ...]]
    lifecycle: Lifecycle
    words: tuple[str, ...]

    def named(self, states: Iterable[JobState]) -> list[str]:
        """Return the names of some states."""
        return [name for state in states for name in self.names[state]]

    @property
    def first(self) -> list[str]:
        """The names that a new row may have: in a store's table, only that of the initial state."""
        return self.named(JobState if self.payload is None else [self.lifecycle.initial])

    def moves(self, old: str, new: str, literal: Callable[[str], str]) -> str:
        """Return a condition for a legal transition, or for another name of the same state.

        It is not TRUE for NULL and for names that are not states.
        """
        options = [
            f"({among(old, self.names[state], literal)} AND {among(new, targets, literal)})"
            for state in JobState
            if (targets := self.targets(state))
        ]
        return "\n        OR ".join(options)

    def targets(self, state: JobState) -> list[str]:
        """Return the names that may replace a name of a state."""
        others = self.names[state] if len(self.names[state]) > 1 else ()
        return [*self.named(self.lifecycle.table[state]), *others]

    def frozen(self, old: str, literal: Callable[[str], str]) -> str:
        """Return a condition for the states in which the payload never changes."""
        accepts = self.lifecycle.accepts
        return among(old, self.named(s for s in JobState if not accepts(s, s)), literal)


def among(value: str, names: Iterable[str], literal: Callable[[str], str]) -> str:
    """Return a condition for a value that is one of some names."""
    return f"{value} IN ({', '.join(map(literal, names))})"


def expected(guard: Guard) -> str:
    """Return the beginning of the message for a value that is not accepted in a new row."""
    return "status: expected " + ", ".join(map(excerpt, guard.first))


def sqlite_guard(guard: Guard) -> list[str]:
    """Return the triggers for SQLite. RAISE takes one literal, so each pair has its own."""
    old, new = (f"{row}.{guard.column} COLLATE BINARY" for row in ("OLD", "NEW"))
    known = guard.named(JobState)
    legal = {
        (source, target)
        for state in JobState
        for source in guard.names[state]
        for target in guard.targets(state)
    }
    pairs = [
        f"        WHEN {old} = {literal_sqlite(source)} AND {new} = {literal_sqlite(target)} THEN "
        + _raise(f"status: cannot go from {excerpt(source)} to {excerpt(target)}")
        for source in known
        for target in known
        if source != target and (source, target) not in legal
    ]
    unknown = f"{new} IS NULL OR {new} NOT IN ({', '.join(map(literal_sqlite, known))})"
    names = ", ".join(map(excerpt, known))
    wrong = f"({new} IS NOT {old} AND ({guard.moves(old, new, literal_sqlite)}) IS NOT TRUE)"
    if guard.payload is not None:
        frozen = guard.frozen(old, literal_sqlite)
        changed = f"NEW.{guard.payload} IS NOT OLD.{guard.payload}"
        wrong += f"\n    OR ({new} IS {old} AND {frozen} AND {changed})"
        text = "status: cannot update a job that has ended"
        pairs.insert(0, f"        WHEN {new} IS {old} THEN " + _raise(text))
    return [
        f"""\
CREATE TRIGGER {quote_standard(guard.prefix + "_insert")}
BEFORE INSERT ON {guard.table} FOR EACH ROW
WHEN ({among(new, guard.first, literal_sqlite)}) IS NOT TRUE
BEGIN
    SELECT {_raise(expected(guard) + ", got another value")};
END""",
        f"""\
CREATE TRIGGER {quote_standard(guard.prefix + "_update")}
BEFORE UPDATE ON {guard.table} FOR EACH ROW
WHEN {wrong}
BEGIN
    SELECT CASE
{chr(10).join(pairs)}
        WHEN {unknown} THEN {_raise(f"status: expected {names}, got another value")}
        ELSE {_raise("status: cannot go from an unknown state to another one")}
    END;
END""",  # noqa: S608 - quoted names and literals
    ]


def _raise(message: str) -> str:
    return f"RAISE(ABORT, {literal_sqlite(message)})"


def postgresql_guard(guard: Guard) -> list[str]:
    """Return the function and the triggers for PostgreSQL.

    The conditions belong to the triggers, whose operators are resolved when they are created, so no
    search path can replace them. The function runs only to raise.
    """
    # A column may have the type of an enum, or a collation in which other texts are equal.
    old, new = (f'({row}.{guard.column}::text COLLATE "C")' for row in ("OLD", "NEW"))
    tags = ("$jobstatus$", *(f"$jobstatus{number}$" for number in range(1, len(guard.words) + 2)))
    tag = next(tag for tag in tags if not any(tag in word for word in guard.words))
    function = f"{guard.schema}{quote_standard(guard.prefix)}"
    wrong = (
        f"({new} IS DISTINCT FROM {old}\n    AND ({guard.moves(old, new, literal)}) IS NOT TRUE)"
    )
    if guard.payload is not None:
        changed = f"NEW.{guard.payload} IS DISTINCT FROM OLD.{guard.payload}"
        same = f"{new} IS NOT DISTINCT FROM {old}"
        wrong += f"\n    OR ({same} AND {guard.frozen(old, literal)} AND {changed})"
    return [
        f"""\
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {tag}
DECLARE
    message text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        message := pg_catalog.concat({literal(expected(guard) + ", got ")},
            pg_catalog.left(pg_catalog.quote_nullable(NEW.{guard.column}::text), 82));
    ELSIF NEW.{guard.column}::text COLLATE "C" = OLD.{guard.column}::text THEN
        message := pg_catalog.concat('status: cannot update a job that is ',
            pg_catalog.left(OLD.{guard.column}::text, 80));
    ELSE
        message := pg_catalog.concat('status: cannot go from ',
            pg_catalog.left(pg_catalog.quote_nullable(OLD.{guard.column}::text), 82), ' to ',
            pg_catalog.left(pg_catalog.quote_nullable(NEW.{guard.column}::text), 82));
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = message,
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END
{tag}""",
        f"""\
CREATE TRIGGER {quote_standard(guard.prefix + "_insert")}
BEFORE INSERT ON {guard.table} FOR EACH ROW
WHEN (({among(new, guard.first, literal)}) IS NOT TRUE)
EXECUTE FUNCTION {function}()""",
        f"""\
CREATE TRIGGER {quote_standard(guard.prefix + "_update")}
BEFORE UPDATE ON {guard.table} FOR EACH ROW
WHEN ({wrong})
EXECUTE FUNCTION {function}()""",
    ]


def mysql_guard(guard: Guard) -> list[str]:
    """Return the triggers for MySQL and MariaDB."""
    # Some collations ignore case and trailing blanks, so bytes are compared.
    old, new = (
        f"CAST(CONVERT({row}.{guard.column} USING utf8mb4) AS BINARY)" for row in ("OLD", "NEW")
    )

    def shown(row: str) -> str:
        text = f"CONVERT({row}.{guard.column} USING utf8mb4)"
        return f"IFNULL(CONCAT('''', LEFT({text}, 30), ''''), 'NULL')"

    first = ", ".join(guard.first)[:80]
    raised = "SIGNAL SQLSTATE '23514' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = message"
    return [
        f"""\
CREATE TRIGGER {guard.schema}{quote_mysql(guard.prefix + "_insert")}
BEFORE INSERT ON {guard.table} FOR EACH ROW
BEGIN
    DECLARE message VARCHAR(128) CHARACTER SET utf8mb4;
    IF ({among(new, guard.first, literal_mysql)}) IS NOT TRUE THEN
        SET message = LEFT(CONCAT('status: expected ',
            CONVERT({literal_mysql(first)} USING utf8mb4), ', got ', {shown("NEW")}), 128);
        {raised};
    END IF;
END""",
        f"""\
CREATE TRIGGER {guard.schema}{quote_mysql(guard.prefix + "_update")}
BEFORE UPDATE ON {guard.table} FOR EACH ROW
BEGIN
    DECLARE message VARCHAR(128) CHARACTER SET utf8mb4;
    IF NOT ({old} <=> {new}) AND ({guard.moves(old, new, literal_mysql)}) IS NOT TRUE THEN
        SET message = LEFT(CONCAT('status: cannot go from ', {shown("OLD")},
            ' to ', {shown("NEW")}), 128);
        {raised};
    END IF;
END""",  # noqa: S608 - quoted names and literals
    ]


def delimiter(words: Iterable[str]) -> str:
    """Return a delimiter for the mysql client that occurs in no statement."""
    text = "\n".join(words)
    return next(mark for n in count(2) if (mark := "/" * n) not in text)
