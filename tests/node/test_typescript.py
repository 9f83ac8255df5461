"""What we write belongs to the interface, and what we refuse does not, says TypeScript."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hypothesis import given, settings

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.strategies import job_statuses
from tests.test_golden import PAYLOADS

ROOT = Path(__file__).parent.parent.parent
OPTIONS = ("--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022")
DATE = re.compile(r'"estimatedCompletion":("(?:[^"\\]|\\.)*")')
REFUSED = re.compile(r"^payloads\.ts\((?P<line>\d+),\d+\): error TS\d+: ", re.MULTILINE)


def interface() -> str:
    """Return the interface as the README shows it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```ts\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return str(block)


def refused_lines(tsc: Path, folder: Path, payloads: Iterable[str]) -> set[int]:
    """Compile payloads as literals, their dates revived, a line each; return the lines refused."""
    (folder / "interface.ts").write_text(f"export {interface()}", encoding="utf-8")
    literals = (DATE.sub(r'"estimatedCompletion":new Date(\1)', payload) for payload in payloads)
    lines = [f"const payload{at}: JobStatus = {text};" for at, text in enumerate(literals)]
    lines = ["import type { JobStatus } from './interface';", *lines, "export {};"]
    (folder / "payloads.ts").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        ["node", str(tsc), *OPTIONS, "--pretty", "false", "payloads.ts"],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
    )
    refused = {int(match["line"]) - 2 for match in REFUSED.finditer(done.stdout)}
    assert bool(refused) == bool(done.returncode), done.stdout + done.stderr
    assert len(REFUSED.findall(done.stdout)) == done.stdout.count("error TS"), done.stdout
    return refused


def test_what_we_write_compiles(tsc: Path, tmp_path: Path) -> None:
    """Generated jobs, and the golden ones."""
    payloads = [JobStatus.from_json(path.read_bytes()).to_json() for path in PAYLOADS]

    @settings(max_examples=300)  # the compiler takes them all at once
    @given(job_statuses())
    def draw(job: JobStatus) -> None:
        payloads.append(job.to_json())

    draw()
    assert len(payloads) > 500
    assert refused_lines(tsc, tmp_path, payloads) == set()


VALID: dict[str, object] = {
    "id": "job-42",
    "status": "processing",
    "progress": 40,
    "estimatedCompletion": "2026-11-23T14:40:00.123Z",
    "error": "no space left on device",
}
VALUES = [None, True, 40, "40", "queued", "Queued", "canceled", "", [], {}, ["queued"], {"id": "a"}]


def forms() -> list[dict[str, object]]:
    """Return the valid payload, and each that differs from it in one key."""
    return [
        VALID,
        *({name: value for name, value in VALID.items() if name != key} for key in VALID),
        *({**VALID, key: value} for key in VALID for value in VALUES if _revives(key, value)),
        {**VALID, "estimated_completion": VALID["estimatedCompletion"]},
        {**VALID, "ID": "job-42"},
        {},
    ]


def _revives(key: str, value: object) -> bool:
    # `new Date` of any string is a Date to the compiler, which has no type for one that is valid.
    return key != "estimatedCompletion" or not isinstance(value, str)


def test_what_we_refuse_does_not_compile(tsc: Path, tmp_path: Path) -> None:
    """Missing keys, null, wrong states, values of another kind, unknown keys; and only those."""
    codec = Codec(unknown_keys="reject")
    payloads = forms()
    refused: set[int] = set()
    for at, payload in enumerate(payloads):
        try:
            codec.from_payload(payload)
        except DecodeError:
            refused.add(at)
    assert len(refused) > 40
    texts = [json.dumps(payload, separators=(",", ":")) for payload in payloads]
    assert refused_lines(tsc, tmp_path, texts) == refused
