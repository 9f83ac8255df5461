"""Fixtures for Node and TypeScript, and a count of the questions that each test asks Node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest

from jobstatus.contract import typescript
from tests.node.peer import Node, Peer
from tests.node.reviver import Reviver
from tests.node.typescript import compile_typescript

MODULES = Path(__file__).parent / "node_modules"


def _peer(zone: str) -> Iterator[Peer]:
    if which("node") is None:
        pytest.skip("needs node on the path")
    with Peer(zone) as peer:
        yield peer


@pytest.fixture(scope="session")
def peer() -> Iterator[Peer]:
    """Return Node in UTC."""
    yield from _peer("UTC")


@pytest.fixture(scope="session")
def new_york() -> Iterator[Peer]:
    """Return Node in a zone with daylight saving time, and local mean time before 1883."""
    yield from _peer("America/New_York")


@pytest.fixture(scope="session")
def tsc() -> Path:
    """Return the path of the TypeScript compiler, which node runs."""
    return _installed("typescript", "bin", "tsc")


@pytest.fixture(scope="session")
def eslint() -> Path:
    """Return the path of ESLint with typescript-eslint, which node runs."""
    return _installed("eslint", "bin", "eslint.js")


def _installed(package: str, *parts: str) -> Path:
    program = MODULES.joinpath(package, *parts)
    if not program.is_file():
        pytest.skip(f"needs {package}: npm ci --prefix tests/node")
    return program


@pytest.fixture(scope="session")
def reviver(tsc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviver]:
    """Return Node with the compiled TypeScript module."""
    folder = tmp_path_factory.mktemp("contract")
    compile_typescript(tsc, folder, {"JobStatus.ts": typescript()})
    with Reviver(folder / "JobStatus.js") as node:
        yield node


@pytest.fixture(autouse=True)
def _questions(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[None]:
    # `nox -s node` reads the number from the JUnit report.
    names = {"peer", "reviver"} & set(request.fixturenames)
    nodes: list[Node] = [request.getfixturevalue(name) for name in sorted(names)]
    before = sum(node.asked for node in nodes)
    yield
    record_property("questions", sum(node.asked for node in nodes) - before)
