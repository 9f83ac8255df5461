"""The program of docs/queues.md runs in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobstatus import Codec
from tests.support.workers import ROOT, redis_server, worker

PROGRAM = ROOT / "examples" / "celery_app.py"


def test_the_program_shows_a_status_that_moves(tmp_path: Path) -> None:
    """It has fewer than 30 lines."""
    pytest.importorskip("celery", reason="Celery is not installed")
    text = PROGRAM.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 30
    with redis_server(tmp_path) as url:
        (tmp_path / "celery_app.py").write_text(text.replace("redis://localhost", url))
        paths = os.pathsep.join([str(ROOT / "src"), str(tmp_path)])
        command = ["-m", "celery", "-A", "celery_app", "worker", "--loglevel=ERROR"]
        with worker(command, {"PYTHONPATH": paths}, tmp_path):
            done = subprocess.run(
                [sys.executable, "celery_app.py"],
                capture_output=True,
                check=True,
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": paths},
                timeout=60,
            )
    jobs = [*Codec().decode_lines(done.stdout.splitlines())]
    assert [job.progress for job in jobs] == [None, None, *range(10, 101, 10), 100]
    assert jobs[-1].status == "completed"
