"""A common but broken store, in which the last write always wins.

Its callers check a step against the status that they have read. Two of them read the same status,
and the second write undoes the first: a cancelled job comes back to life.
"""

from __future__ import annotations

import sqlite3

from jobstatus import JobStatus


class OverwritingStore:
    """Keeps the last status of each job in SQLite, and never looks at the stored one."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, payload TEXT)"
        )

    def add(self, job: JobStatus) -> bool:
        """Store a new job and return True, or return False if its id is taken."""
        statement = "INSERT INTO jobs VALUES (?, ?) ON CONFLICT DO NOTHING"
        return self._database.execute(statement, (job.id, job.to_json())).rowcount == 1

    def save(self, job: JobStatus) -> bool:
        """Replace the status of a job and return True, or return False if there is none."""
        statement = "UPDATE jobs SET payload = ? WHERE id = ?"
        return self._database.execute(statement, (job.to_json(), job.id)).rowcount == 1

    def get(self, id: str) -> JobStatus:
        """Return the last status of a job."""
        query = "SELECT payload FROM jobs WHERE id = ?"
        ((payload,),) = self._database.execute(query, (id,))
        return JobStatus.from_json(payload)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
