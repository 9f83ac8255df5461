"""The peers, and how many questions were put to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest

from jobstatus.contract import typescript
from tests.node.peer import Node, Peer
from tests.node.reviver import Reviver
from tests.node.typescript import compile_typescript

TSC = Path(__file__).parent / "node_modules" / "typescript" / "bin" / "tsc"


def _peer(zone: str) -> Iterator[Peer]:
    if which("node") is None:
        pytest.skip("needs node on the path")
    with Peer(zone) as peer:
        yield peer


@pytest.fixture(scope="session")
def peer() -> Iterator[Peer]:
    """Node in UTC."""
    yield from _peer("UTC")


@pytest.fixture(scope="session")
def new_york() -> Iterator[Peer]:
    """Node in a zone with another offset in summer, and another one again before 1883."""
    yield from _peer("America/New_York")


@pytest.fixture(scope="session")
def tsc() -> Path:
    """The TypeScript compiler, to be run by node."""
    if not TSC.is_file():
        pytest.skip("needs typescript: npm ci --prefix tests/node")
    return TSC


@pytest.fixture(scope="session")
def reviver(tsc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviver]:
    """Node with the generated TypeScript, compiled."""
    folder = tmp_path_factory.mktemp("contract")
    compile_typescript(tsc, folder, {"JobStatus.ts": typescript()})
    with Reviver(folder / "JobStatus.js") as node:
        yield node


@pytest.fixture(autouse=True)
def _questions(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[None]:
    # Into the JUnit report, from which `nox -s node` takes the figures.
    names = {"peer", "reviver"} & set(request.fixturenames)
    nodes: list[Node] = [request.getfixturevalue(name) for name in sorted(names)]
    before = sum(node.asked for node in nodes)
    yield
    record_property("questions", sum(node.asked for node in nodes) - before)
