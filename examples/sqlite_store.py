"""A store of job statuses in SQLite that keeps the lifecycle.

One statement compares and sets the state, so a worker with stale data cannot undo a later step,
even from another process. Within a state, the last write wins.
"""

from __future__ import annotations

import sqlite3

from jobstatus import STANDARD, JobStatus

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, status TEXT NOT NULL, payload TEXT NOT NULL)
"""


class SqliteStore:
    """Stores the last status of each job."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(SCHEMA)

    def add(self, job: JobStatus) -> bool:
        """Store a new job and return True, or return False if its id is taken."""
        statement = "INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
        return self._write(statement, (job.id, job.status, job.to_json()))

    def save(self, job: JobStatus) -> bool:
        """Replace the status and return True, or False if it cannot follow the stored one."""
        accepted = STANDARD.accepted_from(job.status)
        marks = ", ".join("?" * len(accepted))
        statement = f"UPDATE jobs SET status = ?, payload = ? WHERE id = ? AND status IN ({marks})"  # noqa: S608 - only question marks
        return self._write(statement, (job.status, job.to_json(), job.id, *accepted))

    def get(self, id: str) -> JobStatus:
        """Return the last status of a job.

        Raises:
            KeyError: If the job is unknown.
        """
        query = "SELECT payload FROM jobs WHERE id = ?"
        for (payload,) in self._database.execute(query, (id,)):
            return JobStatus.from_json(payload)
        raise KeyError(id)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _write(self, statement: str, values: tuple[str, ...]) -> bool:
        return self._database.execute(statement, values).rowcount == 1
