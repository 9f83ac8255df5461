"""The TypeScript module passes the linter, and tsc accepts the same jobs as the library."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings

from jobstatus import RETRYING, STANDARD, Codec, DecodeError, JobState, JobStatus, Lifecycle
from jobstatus.contract import typescript
from jobstatus.strategies import job_statuses
from tests.node.typescript import RUNTIME, compile_runtime, lint_typescript
from tests.test_golden import PAYLOADS

ROOT = Path(__file__).parent.parent.parent
OPTIONS = ("--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022")
DATE = re.compile(r'"estimatedCompletion":("(?:[^"\\]|\\.)*")')
REJECTED = re.compile(r"^payloads\.ts\((?P<line>\d+),\d+\): error TS\d+: ", re.MULTILINE)


def interface() -> str:
    """Return the interface in the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```ts\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return str(block)


def rejected_lines(tsc: Path, folder: Path, payloads: Iterable[str]) -> set[int]:
    """Compile payloads, one literal per line, and return the indexes of those with errors."""
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
    rejected = {int(match["line"]) - 2 for match in REJECTED.finditer(done.stdout)}
    assert bool(rejected) == bool(done.returncode), done.stdout + done.stderr
    assert len(REJECTED.findall(done.stdout)) == done.stdout.count("error TS"), done.stdout
    return rejected


def test_encoded_jobs_have_the_type_of_the_interface(tsc: Path, tmp_path: Path) -> None:
    """The jobs are drawn, or come from the golden files."""
    payloads = [JobStatus.from_json(path.read_bytes()).to_json() for path in PAYLOADS]

    @settings(max_examples=300)  # the compiler takes them all at once
    @given(job_statuses())
    def draw(job: JobStatus) -> None:
        payloads.append(job.to_json())

    draw()
    assert len(payloads) > 500
    assert rejected_lines(tsc, tmp_path, payloads) == set()


VALID: dict[str, object] = {
    "id": "job-42",
    "status": "processing",
    "progress": 40,
    "estimatedCompletion": "2026-11-23T14:40:00.123Z",
    "error": "no space left on device",
}
VALUES = [None, True, 40, "40", "queued", "Queued", "canceled", "", [], {}, ["queued"], {"id": "a"}]


def forms() -> list[dict[str, object]]:
    """Return the valid payload and variants that differ in one key."""
    return [
        VALID,
        *({name: value for name, value in VALID.items() if name != key} for key in VALID),
        *({**VALID, key: value} for key in VALID for value in VALUES if _revives(key, value)),
        {**VALID, "estimated_completion": VALID["estimatedCompletion"]},
        {**VALID, "ID": "job-42"},
        {},
    ]


def _revives(key: str, value: object) -> bool:
    # To the compiler, `new Date` of any string is a Date: it has no type for valid dates.
    return key != "estimatedCompletion" or not isinstance(value, str)


def test_the_compiler_rejects_the_same_payloads_as_the_codec(tsc: Path, tmp_path: Path) -> None:
    """The payloads differ in one key from a valid one."""
    codec = Codec(unknown_keys="reject")
    payloads = forms()
    rejected: set[int] = set()
    for at, payload in enumerate(payloads):
        try:
            codec.from_payload(payload)
        except DecodeError:
            rejected.add(at)
    assert len(rejected) > 40
    texts = [json.dumps(payload, separators=(",", ":")) for payload in payloads]
    assert rejected_lines(tsc, tmp_path, texts) == rejected


def test_the_runtime_compiles_on_its_own(tsc: Path) -> None:
    """runtime.ts and follow.ts are valid TypeScript modules in the source tree."""
    compile_runtime(tsc)


@pytest.mark.parametrize("name", ["runtime.ts", "follow.ts"])
def test_a_part_of_the_module_passes_the_linter(eslint: Path, name: str) -> None:
    """It follows the strict and the stylistic rules of typescript-eslint."""
    lint_typescript(eslint, RUNTIME.with_name(name))


# A job may restart after every outcome except "cancelled", and may be cancelled only while it runs.
RESTARTING = Lifecycle(
    {
        JobState.QUEUED: [JobState.PROCESSING],
        JobState.PROCESSING: [
            JobState.QUEUED,
            JobState.COMPLETED,
            JobState.FAILED,
            JobState.CANCELLED,
        ],
        JobState.COMPLETED: [JobState.QUEUED],
        JobState.FAILED: [JobState.QUEUED],
        JobState.CANCELLED: [],
    }
)


@pytest.mark.parametrize(
    "lifecycle", [STANDARD, RETRYING, RESTARTING], ids=["standard", "retrying", "restarting"]
)
def test_the_generated_module_passes_the_linter(
    eslint: Path, tmp_path: Path, lifecycle: Lifecycle
) -> None:
    """It follows the strict and the stylistic rules, even without its comment for ESLint."""
    module = tmp_path / "JobStatus.ts"
    module.write_text(typescript(lifecycle=lifecycle), encoding="utf-8")
    lint_typescript(eslint, module)


STYLE_RULE = ("--rule", "no-ternary: error")


def test_a_projects_style_rules_do_not_apply_to_the_generated_module(
    eslint: Path, tmp_path: Path
) -> None:
    """The comment in its first line disables a rule that the module breaks."""
    module = tmp_path / "JobStatus.ts"
    module.write_text(typescript(), encoding="utf-8")
    lint_typescript(eslint, module, *STYLE_RULE, obey_comments=True)


def test_the_tests_ignore_the_comment_for_eslint(eslint: Path, tmp_path: Path) -> None:
    """Otherwise the linter could never fail on the generated module."""
    module = tmp_path / "JobStatus.ts"
    module.write_text(typescript(), encoding="utf-8")
    with pytest.raises(AssertionError, match="no-ternary"):
        lint_typescript(eslint, module, *STYLE_RULE)


def test_the_generated_module_says_that_it_is_generated() -> None:
    """The first line is for ESLint, the second has the marker and the command for people."""
    assert typescript().splitlines()[:2] == [
        "/* eslint-disable */",
        "// @generated by `python -m jobstatus typescript`; do not edit.",
    ]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("export const value: any = 1;", "no-explicit-any"),
        ("export const value: number = JSON.parse('1');", "no-unsafe-assignment"),
        ("export const values: Array<string> = [];", "array-type"),
        ("export const has = (a: string): boolean => a.indexOf('b') !== -1;", "prefer-includes"),
    ],
)
def test_the_linter_rejects_code_that_breaks_a_rule(
    eslint: Path, tmp_path: Path, line: str, rule: str
) -> None:
    """The strict and the stylistic rules apply, including those that need types."""
    module = tmp_path / "flawed.ts"
    module.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=rule):
        lint_typescript(eslint, module)
