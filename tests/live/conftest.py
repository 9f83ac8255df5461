"""Databases of their own for the tests, which are skipped where there is no server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import postgresql_database
from tests.support.workers import answers


def require_server(name: str, port: int) -> None:
    """Skip the test if no server listens on this machine."""
    if not answers(port):
        pytest.skip(f"{name} does not run on port {port}")


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of an empty database in PostgreSQL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    require_server("PostgreSQL", 5432)
    with postgresql_database() as created:
        yield created
