"""What a store needs of a database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final, TypeAlias

from jobstatus._untrusted import excerpt
from jobstatus._wire import invalid_option
from jobstatus.contract._dialects import is_utf8
from jobstatus.contract.sql import SCHEMA_VERSION, describe
from jobstatus.errors import StoreError
from jobstatus.lifecycle import Lifecycle
from jobstatus.stores._records import Version

Rows: TypeAlias = list[tuple[Any, ...]]

MAX_ID: Final = 1_000
MAX_TIMEOUT: Final = 2_000_000
"""Seconds; a little less than the most milliseconds that fit into 32 bits."""


def check_timeout(seconds: float) -> None:
    """Raise InvalidValueError for a timeout that a database cannot have."""
    if not 0 < seconds <= MAX_TIMEOUT:
        raise invalid_option("timeout", f"a number from 0 to {MAX_TIMEOUT}", seconds)


class Database(ABC):
    """The tables of one store. Each method uses the connection of its thread.

    Every method raises StoreError if the database fails. Then nothing was written, unless the
    connection was lost during a write.
    """

    ids: ClassVar[str] = f"at most {MAX_ID} bytes in UTF-8"
    """The ids that can be stored, for people."""

    def can_store(self, id: str) -> bool:
        """Return whether a job can have this id."""
        return is_utf8(id) and len(id.encode()) <= MAX_ID

    def open(self, lifecycle: Lifecycle) -> None:
        """Create the tables, or check those that exist."""
        if not self.run("exists"):
            self.create_tables()
        ((version, transitions),) = self.run("schema")
        if version != SCHEMA_VERSION:
            message = f"expected tables of version {SCHEMA_VERSION}, got {excerpt(version)}"
            raise StoreError(message=message)
        if transitions != (wanted := describe(lifecycle)):
            message = f"expected tables with the lifecycle '{wanted}', got {excerpt(transitions)}"
            raise StoreError(message=message)

    @abstractmethod
    def create_tables(self) -> None:
        """Create the tables, even if another process does it at the same time."""

    @abstractmethod
    def run(self, name: str, *values: object) -> Rows:
        """Run a statement that may run twice, and return its rows."""

    @abstractmethod
    def changing(self, *, is_contended: bool) -> AbstractContextManager[None]:
        """Return a context in which a job is read and replaced.

        Args:
            is_contended: Whether somebody else was faster before. Then the context keeps other
                writers away from a job that the statement ``read_locked`` has read. Otherwise it
                may leave that to `replace`.
        """

    @abstractmethod
    def create(self, id: str, creation: str, status: str, payload: str) -> bool:
        """Store a new job, and return False if its id is taken."""

    @abstractmethod
    def replace(self, id: str, before: Version, status: str, payload: str) -> bool:
        """Replace a job, and return False if it has another version."""

    @abstractmethod
    def changes(self, after: str | None) -> Rows:
        """Return some changes after a cursor."""

    @abstractmethod
    def changed(self, seen: list[tuple[str, int, str]]) -> Rows:
        """Return the jobs that have another version than the one that was seen.

        Args:
            seen: The ids, with the numbers and the creations of their versions.

        Returns:
            Rows of the id, and the version and payload or NULL.
        """

    @abstractmethod
    def prune(self, limit: int) -> int:
        """Remove some jobs that ended before a time value, and return their number."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Wait until there may be new changes, or the time has passed, or the store is closed."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections of all threads of this process."""
