"""`jobstatus timeline` prints the changes of one job with their findings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobstatus import Codec, JobStatus
from jobstatus.cli import app
from tests.support.streams import Trickle

ORDERS = Path(__file__).parent.parent / "examples" / "orders.ndjson"
QUEUED = JobStatus.queued("a")
RUNNING = QUEUED.start(progress=200 / 3)


def timeline(*arguments: str | Path, stdin: bytes = b"", **env: str) -> Result:
    """Run `jobstatus timeline` in this process."""
    return CliRunner().invoke(app, ["timeline", *map(str, arguments)], input=stdin, env=env)


def of(*jobs: JobStatus, options: tuple[str, ...] = ()) -> Result:
    """Return the timeline of the job "a" in an NDJSON stream."""
    return timeline(*options, "-", "a", stdin=b"".join(Codec().encode_lines(jobs)))


def test_each_change_is_a_row_with_its_findings() -> None:
    """A finding of severity error is exit code 1."""
    done = timeline(ORDERS, "order-7")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout == (
        "   line  status               progress  estimatedCompletion       error\n"
        "      1  queued\n"
        "      3  processing                  0  2026-11-23T14:40:00.000Z\n"
        "      5  processing                 60  2026-11-23T14:40:00.000Z\n"
        "      6  cancelled                  60"
        "                            'cancelled by the customer'\n"
        "      8  completed                 100\n"
        "         error: status: cannot go from cancelled to completed, because cancelled is "
        "terminal [outcome_replaced]\n"
        "snapshots: 5 read, 0 repeats\n"
        "findings:  1 error, 0 warnings, 0 notes\n"
    )


def test_a_repeat_has_no_row() -> None:
    """The last lines count the repeats."""
    done = of(QUEUED, QUEUED, JobStatus.queued("b"), RUNNING, RUNNING)
    lines = [line.split()[0] for line in done.stdout.splitlines()]
    assert lines == ["line", "1", "4", "snapshots:", "findings:"]
    assert "snapshots: 4 read, 2 repeats\n" in done.stdout
    assert done.exit_code == 0


def test_numbers_of_any_length_are_aligned() -> None:
    """The columns have fixed widths, so that a row is printed at once."""
    _, first, second, *_ = of(RUNNING, RUNNING.update(progress=100)).stdout.splitlines()
    assert first.endswith("  66.66666666666667")
    assert second.endswith("                100")
    assert len(first) == len(second)


def test_a_warning_is_exit_code_0() -> None:
    """As for check."""
    done = of(RUNNING, RUNNING.update(progress=1))
    assert done.exit_code == 0
    assert "warning: progress: expected at least 66.66666666666667, got 1 [progress_fell]\n" in (
        done.stdout
    )


def test_the_items_of_an_array_have_their_index() -> None:
    """All may be on one line."""
    done = timeline("-", "a", stdin=Codec().encode_array([QUEUED, RUNNING]))
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:3]] == [
        ["1", "/0"],
        ["1", "/1"],
    ]


@pytest.mark.parametrize(
    ("options", "jobs", "code"),
    [
        (("--no-gaps",), (QUEUED, JobStatus("a", "completed")), 1),
        (("--lifecycle", "retrying"), (RUNNING, QUEUED), 0),
        ((), (RUNNING, QUEUED), 1),
    ],
)
def test_the_lifecycle_can_be_chosen(
    options: tuple[str, ...], jobs: tuple[JobStatus, ...], code: int
) -> None:
    """The options are those of check."""
    assert of(*jobs, options=options).exit_code == code


def test_the_options_for_reading_are_those_of_check() -> None:
    """An id that is a number is given as its text."""
    line = json.dumps({"job": {"id": 42, "status": "canceled", "error": None}})
    flags = ("--tolerant", "--state", "canceled=cancelled", "--pointer", "/job")
    done = timeline(*flags, "-", "42", stdin=line.encode())
    assert done.stdout.splitlines()[1] == "      1  cancelled"


def test_invalid_payloads_are_counted_on_standard_error() -> None:
    """One of them may be of this job."""
    done = timeline("-", "a", stdin=b'{"id":"a"}\n' + QUEUED.to_json().encode())
    text = "1 invalid payload, which jobstatus check shows"
    assert (done.exit_code, done.stderr) == (0, f"jobstatus: -: {text}\n")


def test_an_unknown_job_is_exit_code_2() -> None:
    """Nothing is printed on standard output."""
    done = timeline(ORDERS, "order\x1b")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"jobstatus: {ORDERS}: no payload of job 'order\\x1b'\n"


def test_an_unreadable_file_is_exit_code_2() -> None:
    """The reason is on standard error."""
    done = timeline("no\nsuch", "a")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "jobstatus: no\\nsuch: No such file or directory\n"


def test_a_lack_of_memory_is_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for check."""

    class Exhausting(Trickle):
        """A stream that needs too much memory."""

        def readinto(self, buffer: Any, /) -> int:
            """Fail at once."""
            raise MemoryError

    monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: Exhausting(b"", 1))
    done = timeline("-", "a")
    assert (done.exit_code, done.stderr) == (2, "jobstatus: -: not enough memory\n")


def test_colours_change_nothing_else() -> None:
    """Severities and codes have the colours of check."""
    coloured = timeline(ORDERS, "order-8", FORCE_COLOR="1").stdout
    assert "\x1b[33m\x1b[1mwarning:\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == timeline(ORDERS, "order-8").stdout


def test_an_error_text_is_escaped_and_cut() -> None:
    """It is quoted as in messages."""
    done = of(RUNNING.fail("\x1b[31m\n" + "x" * 1000))
    row = done.stdout.splitlines()[1]
    assert row.isprintable()
    assert len(row) < 160
