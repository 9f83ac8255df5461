"""The examples are real, and run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jobstatus import Codec

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_what_node_wrote_is_written_again_byte_for_byte() -> None:
    """The exchange file is read, and written as V8 wrote it."""
    data = (EXAMPLES / "exchange.ndjson").read_bytes()
    codec = Codec(unknown_keys="reject")
    jobs = list(codec.decode_lines(data.splitlines(keepends=True)))
    assert b"".join(codec.encode_lines(jobs)) == data
    assert len(jobs) == 25


def test_the_worker_publishes_what_it_does(tmp_path: Path) -> None:
    """Every status is a legal next one, and a file that is missing fails the job."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    command = [sys.executable, str(EXAMPLES / "worker.py"), "job-42", "a", "b"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout == (
        b'{"id":"job-42","status":"queued"}\n'
        b'{"id":"job-42","status":"processing","progress":0}\n'
        b'{"id":"job-42","status":"processing","progress":50}\n'
        b'{"id":"job-42","status":"processing","progress":100}\n'
        b'{"id":"job-42","status":"completed","progress":100}\n'
    )
    assert len(done.stderr.splitlines()) == 2
    done = subprocess.run([*command, "c"], capture_output=True, check=True, cwd=tmp_path)
    assert b'"status":"failed","progress":66.66666666666667,' in done.stdout.splitlines()[-1]
