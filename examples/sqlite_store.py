"""A store of job statuses in SQLite that takes no step which the lifecycle does not allow.

The state is compared and set in one statement, so that a worker which looked too early, in whatever
process, cannot take back a step that has come since. Within a state the last one to write wins.
"""

from __future__ import annotations

import sqlite3

from jobstatus import STANDARD, JobStatus

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, status TEXT NOT NULL, payload TEXT NOT NULL)
"""


class SqliteStore:
    """Holds the last status of each job."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(SCHEMA)

    def add(self, job: JobStatus) -> bool:
        """Store a new job, unless its id is taken; tell which."""
        statement = "INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
        return self._write(statement, (job.id, job.status, job.to_json()))

    def save(self, job: JobStatus) -> bool:
        """Store what has become of a job, unless it may not become that; tell which."""
        sources = STANDARD.sources(job.status)
        if job.status not in STANDARD.terminal:
            sources |= {job.status}  # an update of its progress or estimate
        marks = ", ".join("?" * len(sources))
        statement = f"UPDATE jobs SET status = ?, payload = ? WHERE id = ? AND status IN ({marks})"  # noqa: S608 - question marks alone
        return self._write(statement, (job.status, job.to_json(), job.id, *sources))

    def get(self, id: str) -> JobStatus:
        """Return the last status of a job.

        Raises:
            KeyError: If there is no such job.
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
