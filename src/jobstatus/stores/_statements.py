"""The SQL of a store in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from jobstatus._states import JobState
from jobstatus._wire import invalid_option
from jobstatus.lifecycle import Lifecycle

SCHEMA_VERSION: Final = 1
"""A store that finds tables of another version raises StoreError."""

# The placeholders are names, lists of states and the current time; values are parameters.
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS {schema} (version INTEGER NOT NULL)",
    """\
CREATE TABLE IF NOT EXISTS {jobs} (
    id TEXT NOT NULL PRIMARY KEY,
    creation TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    payload TEXT NOT NULL,
    changed INTEGER NOT NULL
)""",
    """\
CREATE TABLE IF NOT EXISTS {changes} (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    creation TEXT NOT NULL,
    version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    changed INTEGER NOT NULL,
    UNIQUE (id, creation, version)
)""",
    "CREATE INDEX IF NOT EXISTS {index} ON {jobs} (status, changed)",
)
_STATEMENTS: Final[Mapping[str, str]] = {
    "get_schema": "SELECT version FROM {schema}",
    "set_schema": "INSERT INTO {schema} VALUES (?)",
    "exists": "SELECT 1 FROM {jobs} WHERE id = ?",
    "create": "INSERT INTO {jobs} VALUES (?, ?, 1, ?, ?, {now})",
    "read": "SELECT version, creation, payload FROM {jobs} WHERE id = ?",
    "replace": (
        "UPDATE {jobs} SET version = ?, status = ?, payload = ?, changed = {now} WHERE id = ?"
    ),
    "beat": (
        "UPDATE {jobs} SET changed = {now} WHERE id = ? AND creation = ? AND version = ?"
        " RETURNING 1"
    ),
    "add_change": (
        "INSERT INTO {changes} (id, creation, version, payload, changed)"
        " SELECT id, creation, version, payload, changed FROM {jobs} WHERE id = ?"
    ),
    "history": (
        "SELECT cursor, version, creation, payload, changed FROM {changes}"
        " WHERE id = ? AND creation = ? ORDER BY version"
    ),
    "changes": (
        "SELECT cursor, version, creation, payload, changed FROM {changes}"
        " WHERE cursor > ? ORDER BY cursor LIMIT 1000"
    ),
    "unfinished": (
        "SELECT version, creation, payload FROM {jobs}"
        " WHERE status IN ({active}) AND changed <= {now} - ? ORDER BY changed, id"
    ),
    "prune_changes": (
        "DELETE FROM {changes} WHERE id IN"
        " (SELECT id FROM {jobs} WHERE status IN ({ended}) AND changed < ?)"
    ),
    "prune_jobs": "DELETE FROM {jobs} WHERE status IN ({ended}) AND changed < ? RETURNING 1",
}
_NOW: Final = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"


def statements(table: str, lifecycle: Lifecycle) -> tuple[list[str], dict[str, str]]:
    """Return the statements that create the tables, and the others by name.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if the table has an impossible name.
    """
    parts = {
        "jobs": _quoted(table),
        "changes": _quoted(f"{table}_changes"),
        "schema": _quoted(f"{table}_schema"),
        "index": _quoted(f"{table}_status_changed"),
        "active": _listed(state for state in JobState if state not in lifecycle.terminal),
        "ended": _listed(state for state in JobState if state in lifecycle.terminal),
        "now": _NOW,
    }
    named = {name: text.format_map(parts) for name, text in _STATEMENTS.items()}
    return [text.format_map(parts) for text in _SCHEMA], named


def _quoted(name: str) -> str:
    if not name or "\0" in name or not is_utf8(name):
        raise invalid_option("table", "a name without U+0000 or surrogates", name)
    return '"{}"'.format(name.replace('"', '""'))


def _listed(states: Iterable[JobState]) -> str:
    return ", ".join(f"'{state}'" for state in states)


def is_utf8(text: str) -> bool:
    """Return whether a text has no surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
