"""The comparison with other libraries runs, and each library does the same work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import chart, compare, turns
from benchmarks.payloads import BAD, COUNT, CREATED, GOOD, LAYOUTS, REJECTED, SINGLE
from benchmarks.peers import PEERS, Peer
from benchmarks.peers._check import check
from tests.support.parsers import select

ROOT = Path(__file__).parent.parent
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture(autouse=True)
def _default_parser() -> Generator[None]:
    """Restore the default parser for other tests."""
    yield
    select("msgspec")


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_keeps_the_contract(peer: Peer) -> None:
    """It reads valid documents and rejects invalid ones, except for pydantic's own dates."""
    check(peer)
    assert bool(peer.except_for) == (peer.name == "pydantic, AwareDatetime")
    assert len(GOOD) >= 14
    assert len(BAD) >= 27


def test_a_peer_that_breaks_the_contract_is_not_timed() -> None:
    """This one writes nothing."""

    def write_nothing(_: object) -> str:
        return "{}"

    wrong = replace(PEERS[0], name="wrong", encode=write_nothing)
    with pytest.raises(SystemExit, match="wrong gets wrong"):
        check(wrong)


def test_a_row_has_997_different_values() -> None:
    """So a cache of dates or numbers gains nothing."""
    for documents in [*SINGLE.values(), *LAYOUTS.values(), *REJECTED.values()]:
        assert len(set(documents)) == COUNT == 997
    assert len(set(CREATED)) == COUNT


def test_a_ratio_is_the_median_of_the_ratios_within_each_round() -> None:
    """So a machine that becomes slower does not change it."""
    assert turns.ratio([2.0, 4.0, 80.0], [1.0, 2.0, 10.0]) == 2.0


def test_only_the_loop_is_timed() -> None:
    """Preparing a peer costs no time, and each turn takes the next values."""
    seen: list[int] = []

    def wait() -> None:
        until = time.process_time() + 0.01
        while time.process_time() < until:
            pass

    entry = turns.Entry(seen.extend, [1, 2, 3], wait)
    for _ in range(4):
        entry.take_turn()
    assert seen == [1, 2, 3, 1]
    assert min(entry.times) < 0.01


def test_the_quick_comparison_prints_the_figures_and_the_ratios(tmp_path: Path) -> None:
    """Both tables have a row of each group. The JSON and the chart show the same results."""
    found = tmp_path / "results.json"
    command = [sys.executable, "-m", "benchmarks.compare", "--quick", "--json", str(found)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    lines = done.stdout.splitlines()
    results = compare.load(found)
    assert {label.partition(":")[0] for label in results["figures"]} == {*compare.GROUPS}
    for label in results["figures"]:
        assert sum(line.startswith(f"{label} ") for line in lines) == 2
    drawn = tmp_path / "chart.svg"
    chart.draw(results, drawn)
    assert all(peer.name in drawn.read_text(encoding="utf-8") for peer in PEERS)


def test_the_committed_results_have_the_current_rows() -> None:
    """There is one full run for each of two CPythons, in under 100 lines."""
    expected = compare.load(chart.RESULTS)["figures"].keys()
    for path, version in zip(RESULTS, ("3.11", "3.13"), strict=True):
        results = compare.load(path)
        assert results["python"].startswith(f"CPython {version}.")
        assert results["figures"].keys() == expected
        assert [*results["figures"]["decode: typical"]] == [peer.name for peer in PEERS]
        assert path.read_text(encoding="utf-8") == compare.dumps(results)
        assert len(path.read_text(encoding="utf-8").splitlines()) < 100


@pytest.mark.parametrize("path", chart.PARTS)
def test_the_figures_in_the_documentation_are_current(path: str) -> None:
    """`python -m benchmarks.chart` would not change the pages."""
    page = (ROOT / path).read_text(encoding="utf-8")
    results = compare.load(chart.RESULTS)
    assert page == chart.updated(path, results)
    assert chart.summary(results) in page
    assert (chart.table(results) in page) == ("table" in chart.PARTS[path])
