"""The benchmarks run. Their figures are not asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.sampling
@pytest.mark.parametrize(
    ("module", "arguments", "shown"),
    [
        (
            "audit",
            ["900", "100", "--parser", parser, "--runs", "2"],
            [
                "900 lines, 100 jobs, ",
                "payloads: 900 read, 900 valid, ",
                "jobs:     100 seen, 0 affected",
                f" s of CPU time with {parser}, ",
                " times json.loads alone",
            ],
        )
        for parser in ("json", "msgspec")
    ]
    + [
        ("tricks", ["10"], ["without", "setters", "saved"]),
        (
            "stores",
            ["--rounds", "1", "--updates", "5"],
            ["guarded UPDATE ", "apply ", "compare_and_set ", " of the bare UPDATE"],
        ),
        ("stores", ["--changes", "300"], ["  3 changes read, ", "  300 changes read, "]),
    ],
)
def test_a_benchmark_prints_its_figures(
    module: str, arguments: list[str], shown: list[str]
) -> None:
    """It runs with few repetitions."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    assert all(text in done.stdout for text in shown)
    assert done.stderr == ""


def test_the_audit_benchmark_rejects_more_lines_than_its_jobs_have() -> None:
    """It does not measure a shorter log instead."""
    command = [sys.executable, "-m", "benchmarks.audit", "1000", "10"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("expected 10 to ")
    assert "payloads" not in done.stdout
