"""Test with the machines of jobstatus.strategies whether two stores keep the lifecycle.

Run: python -m pytest examples/store_machines.py
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from examples.overwriting_store import OverwritingStore
from jobstatus import IllegalTransitionError, JobExistsError, JobStatus, OvertakenError
from jobstatus.stores import SqliteStore, Version
from jobstatus.strategies import JobStatusMachine, StrictJobStatusMachine

# Without lone surrogates, which SQLite cannot store; some differ only in case.
IDS = st.sampled_from(["a", "A", "b", "B"]) | st.text(max_size=4)


class SqliteStoreMachine(StrictJobStatusMachine):
    """Play the callers of the guarded store."""

    ids = IDS

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = SqliteStore(f"{self.folder.name}/jobs.sqlite", synchronous="NORMAL")

    def create(self, job: JobStatus) -> bool:
        """Create a job."""
        try:
            self.store.create(job)
        except JobExistsError:
            return False
        return True

    def apply(self, token: Version, after: JobStatus) -> bool:
        """Change the version that a caller has read."""
        try:
            self.store.compare_and_set(token, after)
        except (IllegalTransitionError, OvertakenError):
            return False
        return True

    def read(self, id: str) -> tuple[Version, JobStatus]:
        """Read a job with its version."""
        return self.store.read(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()
        self.folder.cleanup()


class OverwritingStoreMachine(JobStatusMachine):
    """Play the callers of the broken store, who check a step against their last read."""

    ids = IDS

    def __init__(self) -> None:
        super().__init__()
        self.store = OverwritingStore(":memory:")

    def create(self, job: JobStatus) -> bool:
        """Add a job."""
        return self.store.add(job)

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Save a legal step."""
        return self.allows(before, after) and self.store.save(after)

    def read(self, id: str) -> JobStatus:
        """Get a job."""
        return self.store.get(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


TestSqliteStore = SqliteStoreMachine.TestCase
TestOverwritingStore = OverwritingStoreMachine.TestCase  # fails
