"""The committed scripts write exactly the committed files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.usefixtures("peer")


def test_node_writes_the_exchange_file_of_the_examples() -> None:
    """The bytes are the same."""
    script = str(ROOT / "examples" / "exchange.mjs")
    done = subprocess.run(["node", script], capture_output=True, check=True)
    assert done.stdout == (ROOT / "examples" / "exchange.ndjson").read_bytes()


def test_node_writes_the_golden_files(tmp_path: Path) -> None:
    """The names and the bytes are the same, and no file is missing."""
    golden = ROOT / "tests" / "golden"
    subprocess.run(["node", str(golden / "write.mjs"), str(tmp_path)], check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (golden / "v1").iterdir()}
