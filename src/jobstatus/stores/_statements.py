"""The SQL of the stores. `jobstatus.contract.sql` has the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jobstatus.contract._dialects import literal, literal_sqlite
from jobstatus.contract.sql import table_names

_STORED: Final = "stored.version, stored.creation, stored.payload"
# The placeholders are names, lists of states, the current time and `{p}`, the mark of a parameter.
_BOTH: Final[Mapping[str, str]] = {
    "schema": "SELECT version, lifecycle FROM {schema}",
    "now": "SELECT {now}",
    "read": "SELECT version, creation, payload FROM {jobs} WHERE id = {p}",
    "read_locked": "SELECT version, creation, payload FROM {jobs} WHERE id = {p}{lock}",
    "beat": (
        "UPDATE {jobs} SET changed = {now} WHERE id = {p} AND creation = {p} AND version = {p}"
        " RETURNING 1"
    ),
    "history": (
        "SELECT {cursor}, version, creation, payload, changed FROM {changes}"
        " WHERE id = {p} AND creation = {p} AND version > {p} ORDER BY version LIMIT 1000"
    ),
    "unfinished": (
        "SELECT changed, id, version, creation, payload FROM {jobs}"
        " WHERE ended IS NULL AND changed <= {p} AND (changed, id) > ({p}, {p})"
        " ORDER BY changed, id LIMIT 1000"
    ),
}
_SQLITE: Final[Mapping[str, str]] = {
    "exists": (
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = {schema_name} COLLATE NOCASE"
    ),
    "create": (
        "INSERT INTO {jobs} VALUES (?, ?, 1, ?, ?, {now}) ON CONFLICT DO NOTHING RETURNING 1"
    ),
    "replace": (
        "UPDATE {jobs} SET version = version + 1, status = ?, payload = ?, changed = {now}"
        " WHERE id = ? AND creation = ? AND version = ? RETURNING 1"
    ),
    "add_change": (
        "INSERT INTO {changes} (id, creation, version, payload, changed)"
        " SELECT id, creation, version, payload, changed FROM {jobs} WHERE id = ?"
    ),
    "changes": (
        "SELECT {cursor}, version, creation, payload, changed FROM {changes}"
        " WHERE cursor > ? ORDER BY cursor LIMIT 1000"
    ),
    "changed": (
        "WITH seen (id, version, creation) AS (VALUES {rows}) SELECT seen.id, {columns} FROM seen"
        " LEFT JOIN {jobs} AS stored ON stored.id = seen.id"
        " WHERE stored.version IS NOT seen.version OR stored.creation IS NOT seen.creation"
    ),
    "ended": "SELECT id FROM {jobs} WHERE ended < ? LIMIT 1000",
    "prune_job": "DELETE FROM {jobs} WHERE id = ?",
    "prune_changes": "DELETE FROM {changes} WHERE id = ?",
}
_ADD_CHANGE: Final = (
    "INSERT INTO {changes} (id, creation, version, payload, changed)"
    " SELECT id, creation, version, payload, changed FROM written RETURNING {notify}"
)
# Each change is one statement, so that it needs no transaction and is one round trip.
_POSTGRESQL: Final[Mapping[str, str]] = {
    "exists": "SELECT 1 WHERE to_regclass({schema_name}) IS NOT NULL",
    "lock": "SELECT pg_advisory_xact_lock(7068127461)",
    "create": (
        "WITH written AS (INSERT INTO {jobs} VALUES (%s, %s, 1, %s, %s, {now})"
        " ON CONFLICT DO NOTHING RETURNING *) {add_change}"
    ),
    "replace": (
        "WITH written AS (UPDATE {jobs}"
        " SET version = version + 1, status = %s, payload = %s, changed = {now}"
        " WHERE id = %s AND creation = %s AND version = %s RETURNING *) {add_change}"
    ),
    "changes": (
        "SELECT {cursor}, version, creation, payload, changed FROM {changes}"
        " WHERE (xid, cursor) > (%s::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())"
        " ORDER BY xid, cursor LIMIT 1000"
    ),
    "changed": (
        "SELECT seen.id, {columns} FROM unnest(%s::text[], %s::bigint[], %s::text[])"
        " AS seen (id, version, creation) LEFT JOIN {jobs} AS stored ON stored.id = seen.id"
        " WHERE (stored.version, stored.creation)"
        " IS DISTINCT FROM (seen.version, seen.creation)"
    ),
    # Transactions of another server are in the future here.
    "is_restored": (
        "SELECT 1 FROM {changes} WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1"
    ),
    "restore": (
        "WITH restored AS (UPDATE {changes} SET xid = '3' RETURNING 1)"
        " SELECT count(*) FROM restored"
    ),
    "prune": (
        "WITH gone AS (DELETE FROM {jobs} WHERE id IN (SELECT id FROM {jobs}"
        " WHERE ended < %s LIMIT 1000 FOR UPDATE SKIP LOCKED)"
        " RETURNING id), forgotten AS (DELETE FROM {changes} USING gone"
        " WHERE {changes}.id = gone.id)"
        " SELECT count(*) FROM gone"
    ),
}


def sqlite_statements(table: str) -> dict[str, str]:
    """Return the statements for SQLite by name."""
    now = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
    names = table_names("sqlite", table, None)
    parts = {
        **names,
        "schema_name": literal_sqlite(f"{table}_schema"),
        "now": now,
        "p": "?",
        "lock": "",  # a transaction has locked the whole database already
        "cursor": "cursor",
        "columns": _STORED,
        "rows": "{rows}",  # as many as there are
    }
    return {name: text.format_map(parts) for name, text in (*_BOTH.items(), *_SQLITE.items())}


def postgresql_statements(table: str, schema: str | None, *, channel: str | None) -> dict[str, str]:
    """Return the statements for PostgreSQL by name.

    Args:
        table: The name of the table of jobs.
        schema: The schema of the tables.
        channel: The channel of notifications, or None for no notifications.
    """
    # psycopg replaces each %s, so that another % is doubled.
    names = {
        name: quoted.replace("%", "%%")
        for name, quoted in table_names("postgresql", table, schema).items()
    }
    parts = {
        **names,
        "schema_name": literal(names["schema"]),
        "now": "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        "p": "%s",
        "lock": " FOR UPDATE",
        "cursor": "concat(xid, '-', cursor)",
        "columns": _STORED,
        "notify": "1" if channel is None else f"pg_notify('{channel}', '')",
    }
    parts["add_change"] = _ADD_CHANGE.format_map(parts)
    return {name: text.format_map(parts) for name, text in (*_BOTH.items(), *_POSTGRESQL.items())}
