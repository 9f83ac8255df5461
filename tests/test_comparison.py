"""The README's table of what each library gives is what trying them finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.columns import JOBSTATUS, LIBRARIES, TRANSITIONS, Library
from benchmarks.comparison import NO, ROWS, Row, cell, table
from benchmarks.report import load
from jobstatus import DecodeError, JobState, JobStatus
from jobstatus.strategies import IllegalHistory

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
(OURS,) = JOBSTATUS.ways


def write_null(_: object) -> str:
    """Write what is absent."""
    return '{"id":"a","status":"failed","error":null}'


def write_fraction(job: JobStatus[Any]) -> str:
    """Write a float as Python does."""
    return job.to_json().replace("50", "50.0")


def read_null(data: bytes) -> JobStatus[Any]:
    """Read null as absent."""
    return JobStatus.from_json(data.replace(b',"progress":null', b""))


def first_place(error: DecodeError) -> set[str]:
    """Tell the first problem only."""
    return {error.problems[0].pointer[1:]}


@dataclass
class Open:
    """Check nothing."""

    id: str
    status: str
    progress: float


def last(messages: Iterable[bytes]) -> JobState:
    """Let the message that came last win."""
    *_, job = map(JobStatus.from_json, messages)
    return job.status


def legal_history() -> IllegalHistory:
    """Return a history in which nothing is wrong."""
    return IllegalHistory([JobStatus.queued("a")], 0)


# A fault for each row.
FAULTS: list[dict[str, Any]] = [
    {"write": write_null},
    {"write": write_fraction},
    {"read": read_null},
    {"places": first_place},
    {"make": Open},
    {"walk": len},
    {"typed": TRANSITIONS.ways[0].typed},
    {"join": last},
    {"illegal_history": legal_history},
    {"schema": dict},
    {"typescript": str},
    {"own": OURS.own},
    {"richer": bool},
]


def test_the_table_of_the_readme_is_what_was_found() -> None:
    """Every cell, under a heading with the library's name."""
    assert f"\n\n{table()}\n" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "fault"), [*zip(ROWS, FAULTS, strict=True)], ids=[row.text for row in ROWS]
)
def test_a_check_can_fail(row: Row, fault: dict[str, Any]) -> None:
    """There is no mark for what does not do as the row says, nor for what is not there."""
    wrong: dict[str, Any]
    for wrong in (fault, dict.fromkeys(row.needs)):
        assert cell(row, Library("wrong", (replace(OURS, **wrong),))) == NO


def test_each_library_has_something_of_its_own() -> None:
    """The table is not drawn up so that one wins: every column has a yes and a no."""
    for library in LIBRARIES:
        cells = {cell(row, library) for row in ROWS}
        assert NO in cells
        assert len(cells) > 1


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_what_the_readme_says_of_speed_is_what_was_measured(path: Path) -> None:
    """Of the typical message, and of the one that is refused; a twentieth is no difference."""
    results = load(str(path))
    read, write = (results["ratios"][operation]["typical"] for operation in ("decode", "encode"))
    assert read["jobstatus"] == pytest.approx(7 / 5, abs=0.05)
    assert read["jobstatus, msgspec"] == pytest.approx(3 / 4, abs=0.05)
    assert read["jobstatus"] / read["serpyco-rs"] == pytest.approx(3, abs=0.25)
    assert read["jobstatus"] / read["msgspec"] == pytest.approx(6, abs=0.25)
    faster = {name for name, ratio in write.items() if ratio < write["jobstatus"] * 0.95}
    assert faster == {"msgspec, our dates"}
    assert write["pydantic, adapter"] == pytest.approx(write["jobstatus"], rel=0.1)
    assert 4 < results["ratios"]["refuse"]["all keys wrong"]["jobstatus"] < 5
