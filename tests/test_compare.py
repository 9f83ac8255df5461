"""The comparison with peers runs, and each peer does the work; what is measured is not asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import chart, report
from benchmarks.payloads import BAD, FINER, GOOD
from benchmarks.peers import PEERS, Peer
from benchmarks.peers._check import check, finer_points
from benchmarks.targets import TARGETS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_does_the_work_before_it_is_timed(peer: Peer) -> None:
    """Reads what is good and refuses what is bad, with nothing left out in silence."""
    check(peer)
    assert peer.except_for == ()
    assert len(GOOD) >= 15
    assert len(BAD) >= 25


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer.is_ours], ids=lambda p: p.name)
def test_this_library_has_every_finer_point(peer: Peer) -> None:
    """With msgspec and without."""
    assert len(finer_points(peer)) == len(FINER)


def test_a_peer_that_is_wrong_is_not_timed() -> None:
    """The table is a check that can fail."""
    ours, *_ = PEERS

    def write_nothing(_: object) -> bytes:
        return b"{}"

    wrong = replace(ours, name="wrong", encode=write_nothing)
    with pytest.raises((AssertionError, SystemExit), match="wrong"):
        check(wrong)


def test_the_quick_comparison_prints_the_table_and_the_targets(tmp_path: Path) -> None:
    """A row for each peer and a line for each target; the results also as JSON, and as a chart."""
    found = tmp_path / "results.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "compare.py"), "--quick"]
    command += ["--json", str(found)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, text=True)
    lines = done.stdout.splitlines()
    assert all(sum(peer.name in line for line in lines) >= 3 for peer in PEERS)
    judged = [line for line in lines if line.rstrip().endswith("met")]
    assert len(judged) == len(TARGETS)
    results: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    assert [target["what"] for target in results["targets"]] == [*map(str, TARGETS)]
    drawn = tmp_path / "chart.svg"
    chart.draw(report.load(str(found)), str(drawn))
    assert all(peer.name in drawn.read_text(encoding="utf-8") for peer in PEERS)


def test_the_page_has_the_tables_of_the_results() -> None:
    """Every figure of the page is in a file that the comparison wrote, of all rounds."""
    results = [report.load(str(path)) for path in RESULTS]
    assert [found["python"].rpartition(".")[0] for found in results] == [
        "CPython 3.11",
        "CPython 3.13",
    ]
    assert not any(found["quick"] for found in results)
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert page.endswith(report.page(*results))
    assert all(
        [row["name"] for row in found["rows"]] == [p.name for p in PEERS] for found in results
    )
