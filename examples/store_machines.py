"""Test with JobStatusMachine whether the two stores keep the lifecycle.

Run: python -m pytest examples/store_machines.py
"""

from __future__ import annotations

from typing import ClassVar

from hypothesis import strategies as st

from examples.overwriting_store import OverwritingStore
from examples.sqlite_store import SqliteStore
from jobstatus import JobStatus
from jobstatus.strategies import JobStatusMachine


class SqliteStoreMachine(JobStatusMachine):
    """Play the callers of the guarded store."""

    store_type: ClassVar[type[SqliteStore]] = SqliteStore
    ids = st.text()  # without lone surrogates, which SQLite cannot store

    def __init__(self) -> None:
        super().__init__()
        self.store = self.store_type(":memory:")

    def create(self, job: JobStatus) -> bool:
        """Add a job."""
        return self.store.add(job)

    def apply(self, before: JobStatus, after: JobStatus) -> bool:  # noqa: ARG002 - the store compares
        """Save the status that a caller wants."""
        return self.store.save(after)

    def read(self, id: str) -> JobStatus:
        """Get a job."""
        return self.store.get(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


class OverwritingStoreMachine(SqliteStoreMachine):
    """Play the callers of the broken store, who check a step against their last read."""

    store_type = OverwritingStore

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Save a legal step."""
        return self.allows(before, after) and self.store.save(after)


TestSqliteStore = SqliteStoreMachine.TestCase
TestOverwritingStore = OverwritingStoreMachine.TestCase  # fails
