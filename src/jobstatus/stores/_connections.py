"""One connection for each thread of each process."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar, final

from jobstatus.errors import StoreError

_INHERITED: Final[list[object]] = []
"""Connections of a parent process. A child must neither use nor close them."""


def is_inherited(raw: object, process: int) -> bool:
    """Return whether a connection belongs to a parent process, and keep it alive then.

    In a child, Python drops what belonged to the parent's other threads.
    """
    if process == os.getpid():
        return False
    _INHERITED.append(raw)
    return True


class Connection(Protocol):
    """A connection to a database. It closes itself when its thread ends."""

    @property
    def is_broken(self) -> bool:
        """Whether the connection is lost, so that another one is needed."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


C = TypeVar("C", bound=Connection)


@final
class Connections(Generic[C]):
    """Opens connections when they are needed, and closes them."""

    def __init__(self, connect: Callable[[], C]) -> None:
        self._connect = connect
        self.closed = threading.Event()
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()  # a new one, because another thread may hold that of a parent
        self._local = threading.local()
        self._open_ones = weakref.WeakSet[Any]()
        self._process = os.getpid()

    def get(self) -> C:
        """Return the connection of this thread.

        Raises:
            StoreError: If the store is closed, or if the database cannot be opened.
        """
        if self._process != os.getpid():  # after a fork
            _INHERITED.append((self._local, [*self._open_ones]))
            self._reset()
        if self.closed.is_set():
            raise StoreError(message="the store is closed")
        connection: C | None = getattr(self._local, "connection", None)
        if connection is None or connection.is_broken:
            connection = self._local.connection = self._connect()
            with self._lock:
                self._open_ones.add(connection)
        return connection

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        with self._lock:
            self.closed.set()
            for connection in [*self._open_ones]:
                connection.close()
