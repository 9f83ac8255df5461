"""A TypeScript client and the example service, over HTTP."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.contract import typescript
from tests.node.typescript import compile_typescript
from tests.support.service import ROOT, Service, running_service

CODEC = Codec()


def work(service: Service, line: str, steps: list[JobStatus]) -> None:
    """Take the next step of the job if the client has polled it."""
    if steps and json.loads(line)["step"] == "poll":
        job = steps.pop(0)
        assert service.ask("PUT", f"/jobs/{job.id}", CODEC.encode(job)).status == 200


def exchanges(tsc: Path, folder: Path) -> list[dict[str, Any]]:
    """Run the client against the service and a worker, and return the client's reports."""
    files = {
        "contract/JobStatus.ts": typescript(),
        "examples/client.ts": (ROOT / "examples" / "client.ts").read_text(encoding="utf-8"),
    }
    compile_typescript(tsc, folder, files, "dom")
    running = JobStatus.queued("report-1").start(progress=0)
    steps = [running, running.update(progress=100 / 3), running.complete()]
    lines: list[str] = []
    with running_service(folder / "jobs.sqlite") as service:
        command = ["node", str(folder / "examples" / "client.js"), service.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as client:
            assert client.stdout is not None
            for line in client.stdout:
                lines.append(line)
                work(service, line, steps)
    assert client.returncode == 0
    return [json.loads(line) for line in lines]


def test_a_typescript_client_and_the_service_understand_each_other(
    tsc: Path, tmp_path: Path
) -> None:
    """The client creates a job, polls it to its end, and tries an illegal step and bad bodies.

    Each side writes the other's documents again byte for byte. The client asserts this itself.
    """
    reports = exchanges(tsc, tmp_path)
    by_step = {
        step: [report for report in reports if report["step"] == step]
        for step in ("create", "poll", "illegal", "bad")
    }
    assert sum(map(len, by_step.values())) == len(reports)

    (created,) = by_step["create"]
    assert created["status"] == 201
    assert created["received"] == created["sent"]
    polls = list(dict.fromkeys(report["received"] for report in by_step["poll"]))
    seen = [JobStatus.from_json(received) for received in (created["received"], *polls)]
    assert [job.to_json() for job in seen] == [created["received"], *polls]
    assert [job.status for job in dict.fromkeys(seen)] == [
        "queued",
        "processing",
        "processing",
        "completed",
    ]
    assert polls[-2] == '{"id":"report-1","status":"processing","progress":33.333333333333336}'

    (illegal,) = by_step["illegal"]
    assert (illegal["status"], illegal["type"]) == (409, "application/problem+json")
    assert json.loads(illegal["received"])["detail"] == (
        "status: cannot go from completed to processing (job 'report-1'), "
        "because completed is terminal"
    )

    assert len(by_step["bad"]) == 7
    for bad in by_step["bad"]:
        assert bad["status"] == 422
        detail = json.loads(bad["received"])["detail"]
        assert [(problem["ctx"]["pointer"], problem["type"]) for problem in detail] == rejections(
            bad["sent"]
        )


def rejections(document: str) -> list[tuple[str, str]]:
    """Return the pointers and codes with which the codec rejects a document."""
    try:
        CODEC.decode(document)
    except DecodeError as error:
        return [(problem.pointer, problem.code) for problem in error.problems]
    return []
