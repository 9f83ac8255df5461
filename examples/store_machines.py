"""The two stores, held to the lifecycle by JobStatusMachine.

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
    """Plays the callers of a store."""

    store_type: ClassVar[type[SqliteStore]] = SqliteStore
    ids = st.text()  # without lone surrogates, which SQLite cannot hold

    def __init__(self) -> None:
        super().__init__()
        self.store = self.store_type(":memory:")

    def create(self, job: JobStatus) -> bool:
        """Add a job."""
        return self.store.add(job)

    def apply(self, before: JobStatus, after: JobStatus) -> bool:  # noqa: ARG002 - the store looks itself
        """Save what a caller has made of what it last read."""
        return self.store.save(after)

    def read(self, id: str) -> JobStatus:
        """Get a job."""
        return self.store.get(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


class OverwritingStoreMachine(SqliteStoreMachine):
    """Plays the callers of the broken one, which check their steps against what they have read."""

    store_type = OverwritingStore

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Save a legal step."""
        return self.allows(before, after) and self.store.save(after)


TestSqliteStore = SqliteStoreMachine.TestCase
TestOverwritingStore = OverwritingStoreMachine.TestCase  # fails
