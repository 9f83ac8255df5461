"""A store as it is often written: whoever writes last is right."""

from __future__ import annotations

from examples.sqlite_store import SqliteStore
from jobstatus import JobStatus


class OverwritingStore(SqliteStore):
    """Lets a worker that did not look overwrite a job that was cancelled."""

    def save(self, job: JobStatus) -> bool:
        """Store what has become of a job."""
        statement = "UPDATE jobs SET status = ?, payload = ? WHERE id = ?"
        return self._write(statement, (job.status, job.to_json(), job.id))
