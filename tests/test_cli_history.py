"""`jobstatus check` audits the histories of the jobs that it reads."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import attrs
import pytest
from typer.testing import CliRunner, Result

from jobstatus import Codec, JobState, JobStatus
from jobstatus.cli import app
from jobstatus.history import FindingCode
from tests.support import logs

QUEUED = JobStatus.queued("job-42")
RUNNING = QUEUED.start(progress=40)
OVERWRITTEN = [QUEUED, RUNNING, RUNNING.cancel(), RUNNING.complete()]
CLEAN = """\
payloads: {0:,} read, {0:,} valid, 0 invalid
states:   {1}
jobs:     {2:,} seen, 0 affected
findings: 0 errors, 0 warnings, 0 notes
"""


def check(jobs: Sequence[JobStatus], *options: str) -> Result:
    """Check an NDJSON stream of jobs."""
    return CliRunner().invoke(app, ["check", *options, "-"], input=ndjson(jobs))


def in_a_new_process(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Check a file without coverage, which is slow for large files."""
    command = [sys.executable, "-m", "jobstatus", "check", *options, str(path)]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")


def ndjson(jobs: Sequence[JobStatus]) -> bytes:
    """Return one line per job."""
    return b"".join(Codec().encode_lines(jobs))


def test_a_finding_names_its_line_and_its_job() -> None:
    """An error is exit code 1, and the summary lists the job."""
    done = check(OVERWRITTEN)
    assert done.exit_code == 1
    assert done.stdout == (
        "-:4: error: job 'job-42': status: cannot go from cancelled to completed, "
        "because cancelled is terminal [outcome_replaced]\n"
        "payloads: 4 read, 4 valid, 0 invalid\n"
        "states:   1 queued, 1 processing, 1 completed, 0 failed, 1 cancelled\n"
        "jobs:     1 seen, 1 affected\n"
        "findings: 1 error, 0 warnings, 0 notes: 1 outcome_replaced\n"
        "  job 'job-42': 1 outcome_replaced\n"
    )


def test_the_audit_can_be_turned_off() -> None:
    """Then the summary has no jobs and no findings."""
    done = check(OVERWRITTEN, "--no-history")
    assert done.exit_code == 0
    assert done.stdout == (
        "payloads: 4 read, 4 valid, 0 invalid\n"
        "states:   1 queued, 1 processing, 1 completed, 0 failed, 1 cancelled\n"
    )


def test_warnings_and_notes_are_exit_code_0() -> None:
    """They are printed and counted."""
    done = check([RUNNING, RUNNING.update(progress=12.5), JobStatus("job-42", "failed")])
    assert done.exit_code == 0
    words = [line.split(" ") for line in done.stdout.splitlines()[:2]]
    assert [(severity, code) for _, severity, *_, code in words] == [
        ("warning:", "[progress_fell]"),
        ("note:", "[failed_without_error]"),
    ]
    assert done.stdout.endswith(
        "findings: 0 errors, 1 warning, 1 note: 1 failed_without_error, 1 progress_fell\n"
        "  job 'job-42': 1 failed_without_error, 1 progress_fell\n"
    )


def test_a_finding_in_an_array_has_a_pointer() -> None:
    """All items may be on one line."""
    array = Codec().encode_array(OVERWRITTEN)
    done = CliRunner().invoke(app, ["check", "-"], input=array)
    assert done.exit_code == 1
    assert done.stdout.startswith("-:1: /3: error: job 'job-42': status: ")
    done = CliRunner().invoke(app, ["check", "--format", "json", "-"], input=array)
    assert json.loads(done.stdout.splitlines()[0])["pointer"] == "/3"


@pytest.mark.parametrize(
    ("options", "jobs", "codes"),
    [
        ([], [RUNNING.fail("x"), QUEUED], ["outcome_left"]),
        (["--lifecycle", "retrying"], [RUNNING.fail("x"), QUEUED], []),
        ([], [QUEUED, RUNNING.complete()], []),
        (["--no-gaps"], [QUEUED, RUNNING.complete()], ["illegal_move"]),
        (["--no-gaps", "--lifecycle", "retrying"], [RUNNING, QUEUED, RUNNING], []),
    ],
)
def test_options_select_the_lifecycle_and_forbid_gaps(
    options: list[str], jobs: list[JobStatus], codes: list[str]
) -> None:
    """They work as in check_history."""
    done = check(jobs, "--format", "json", *options)
    printed = map(json.loads, done.stdout.splitlines())
    assert [line["code"] for line in printed if "code" in line] == codes
    assert done.exit_code == int(bool(codes))


def test_the_files_are_one_history(tmp_path: Path) -> None:
    """The files of a rotated log are read in the order of the arguments."""
    for name, jobs in (("1", OVERWRITTEN[:3]), ("2", OVERWRITTEN[3:])):
        (tmp_path / name).write_bytes(ndjson(jobs))
    done = CliRunner().invoke(app, ["check", str(tmp_path / "1"), str(tmp_path / "2")])
    assert done.stdout.startswith(f"{tmp_path}/2:1: error: job ")
    done = CliRunner().invoke(app, ["check", str(tmp_path / "2"), str(tmp_path / "1")])
    assert done.stdout.startswith(f"{tmp_path}/1:1: error: job ")


def test_an_unreadable_file_is_exit_code_2_even_with_findings() -> None:
    """The findings of the other files are still printed."""
    done = CliRunner().invoke(app, ["check", "no-such-file", "-"], input=ndjson(OVERWRITTEN))
    assert done.exit_code == 2
    assert "-:4: error: job " in done.stdout


def test_the_audit_skips_an_invalid_payload() -> None:
    """It is a problem, and the next snapshot is compared with the last valid one."""
    data = ndjson(OVERWRITTEN[:3]) + b'{"id":"job-42","status":"done"}\n' + ndjson(OVERWRITTEN[3:])
    done = CliRunner().invoke(app, ["check", "-"], input=data)
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("-:4: status: expected queued, ")
    assert second.startswith("-:5: error: job ")


def test_the_output_can_be_ndjson() -> None:
    """The lines are findings, then affected jobs, then the summary."""
    jobs = [*OVERWRITTEN, JobStatus("b\n", "failed"), JobStatus.queued("c")]
    done = check(jobs, "--format", "json")
    error, note, first, second, summary = map(json.loads, done.stdout.splitlines())
    assert error == {
        "file": "-",
        "line": 4,
        "pointer": "",
        "code": "outcome_replaced",
        "severity": "error",
        "jobId": "job-42",
        "message": "status: cannot go from cancelled to completed, because cancelled is terminal",
    }
    assert (note["code"], note["severity"], note["jobId"]) == (
        "failed_without_error",
        "note",
        "b\n",
    )
    assert first == {"jobId": "job-42", "findings": {"outcome_replaced": 1}}
    assert second == {"jobId": "b\n", "findings": {"failed_without_error": 1}}
    assert summary["summary"]["jobs"] == {"seen": 3, "affected": 2}
    assert summary["summary"]["findings"] == {"outcome_replaced": 1, "failed_without_error": 1}
    assert summary["summary"]["severities"] == {"error": 1, "warning": 0, "note": 1}


def test_without_an_audit_the_ndjson_summary_has_no_findings() -> None:
    """It has no jobs either."""
    (line,) = check([QUEUED], "--format", "json", "--no-history").stdout.splitlines()
    assert list(json.loads(line)["summary"]) == ["payloads", "problems", "states"]


def test_the_summary_lists_the_20_worst_jobs() -> None:
    """The lines above it have the findings of all jobs."""
    notes = [JobStatus(f"note-{number}", "failed") for number in range(30)]
    slower = [attrs.evolve(job, id="slower") for job in (RUNNING, RUNNING.update(progress=1))]
    done = check([*notes, *slower, *OVERWRITTEN])
    summary = done.stdout.partition("\nfindings: 1 error, 1 warning, 30 notes")[2].splitlines()[1:]
    assert summary[:3] == [
        "  job 'job-42':  1 outcome_replaced",
        "  job 'slower':  1 progress_fell",
        "  job 'note-0':  1 failed_without_error",
    ]
    assert len(summary) == 21
    assert summary[-1] == "  and 12 more"


def test_an_id_is_escaped_in_the_output() -> None:
    """A newline in an id must not look like a new line, even in the summary."""
    done = check([JobStatus("a\n-:1: error", "failed")])
    assert [line.startswith("-:1: note: ") for line in done.stdout.splitlines()].count(True) == 1
    assert "  job 'a\\n-:1: error': 1 failed_without_error" in done.stdout


@pytest.mark.sampling
def test_only_the_planted_faults_are_found_in_a_log_of_100_000_lines(
    tmp_path: Path,
) -> None:
    """Each kind of fault occurs 40 times, at known lines. A clean log has no findings."""
    chance = random.Random(20261124)
    clean = [logs.clean_history(f"job-{number}", chance) for number in range(10_300)]
    codes: tuple[FindingCode, ...] = get_args(FindingCode)
    faulty = [logs.faulty_history(f"{code}-{n}", code) for code in codes for n in range(40)]
    log = logs.interleaved([*clean, *faulty], chance)
    assert len(log) > 100_000
    planted = sorted(
        (line, entry.code, entry.job_id) for line, entry in enumerate(log, 1) if entry.code
    )
    assert len(planted) == 40 * len(codes)
    path = tmp_path / "log.ndjson"
    path.write_bytes(b"".join(entry.line for entry in log))
    done = in_a_new_process(path, "--format", "json")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    found = sorted(
        (line["line"], line["code"], line["jobId"]) for line in printed if "code" in line
    )
    assert (done.returncode, found) == (1, planted)

    without = [entry.line for entry in log if entry.job_id.startswith("job-")]
    assert len(without) > 100_000
    path.write_bytes(b"".join(without))
    done = in_a_new_process(path)
    states = ", ".join(f"{b''.join(without).count(state.encode()):,} {state}" for state in JobState)
    assert (done.returncode, done.stdout) == (0, CLEAN.format(len(without), states, 10_300))
