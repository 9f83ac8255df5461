"""The program of docs/serving.md runs in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jobstatus.stores import SqliteStore

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ROOT / "examples" / "progress.py"


def test_the_program_shows_a_bar_that_grows(tmp_path: Path, free_port: int) -> None:
    """It has at most 30 lines. Only its port and its pace are others here."""
    text = PROGRAM.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 30
    text = text.replace("args=[app],", f"args=[app], kwargs={{'port': {free_port}}},")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{free_port}").replace("[0.05]", "[0.01]")
    (tmp_path / "progress.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "progress.py"],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("INFO")]
    lengths = [line.count("#") for line in lines]
    assert lengths == sorted(lengths)
    assert len(lines) >= 3
    assert lines[-1] == "#" * 50 + " completed"
    with SqliteStore(tmp_path / "jobs.sqlite") as store:
        assert store.get("job-42").status == "completed"
