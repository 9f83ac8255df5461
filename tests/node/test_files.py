"""The committed files that Node wrote are what the committed scripts write."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.usefixtures("peer")


def test_the_exchange_file_is_what_node_writes() -> None:
    """Of the examples."""
    script = str(ROOT / "examples" / "exchange.mjs")
    done = subprocess.run(["node", script], capture_output=True, check=True)
    assert done.stdout == (ROOT / "examples" / "exchange.ndjson").read_bytes()


def test_the_golden_files_are_what_node_writes(tmp_path: Path) -> None:
    """All of them, and no other."""
    golden = ROOT / "tests" / "golden"
    subprocess.run(["node", str(golden / "write.mjs"), str(tmp_path)], check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (golden / "v1").iterdir()}
