"""A common but broken store, in which the last write always wins."""

from __future__ import annotations

from examples.sqlite_store import SqliteStore
from jobstatus import JobStatus


class OverwritingStore(SqliteStore):
    """Let a worker with stale data overwrite a cancelled job."""

    def save(self, job: JobStatus) -> bool:
        """Replace the status of a job without looking at the stored one."""
        statement = "UPDATE jobs SET status = ?, payload = ? WHERE id = ?"
        return self._write(statement, (job.status, job.to_json(), job.id))
