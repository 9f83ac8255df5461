"""A database in a file."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return the path of a database that does not exist yet."""
    return str(tmp_path / "jobs.sqlite")


@pytest.fixture
def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port
