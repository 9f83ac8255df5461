"""Python, the JSON Schema and the generated TypeScript say the same of every document."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobstatus import RETRYING, STANDARD, Codec, DecodeError, JobStatus, Lifecycle
from jobstatus.contract import typescript
from jobstatus.strategies import (
    InvalidDocument,
    InvalidPayload,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    json_documents,
)
from tests.laws.values import json_objects
from tests.node.cases import times
from tests.node.documents import damaged_documents
from tests.node.near_dates import near_dates
from tests.node.reviver import Refusal, Reviver
from tests.node.test_reading import DEVIATING, DOCUMENTS, MORE_VALUES, VALUES
from tests.node.typescript import compile_typescript
from tests.schema import date_only, is_unsayable, is_valid
from tests.test_golden import PAYLOADS

README = Path(__file__).parent.parent.parent / "README.md"
UNPARSED = {"invalid_json", "invalid_utf8", "too_deep"}


def check(reviver: Reviver, document: bytes) -> str | Refusal | None:
    """Compare what Python, the schema and TypeScript make of a document; return the last."""
    theirs = reviver.revive(document)
    try:
        ours = Codec().decode(document).to_json()
    except DecodeError as error:
        codes = [(problem.pointer, problem.code) for problem in error.problems]
        if codes[0][1] in UNPARSED:
            # No judgement of a value. What is too deep for us alone is a deviation with a name.
            assert theirs is None or codes[0][1] == "too_deep"
            return theirs
        assert isinstance(theirs, Refusal)
        assert theirs.codes == codes
        payload = json.loads(document, parse_int=float)
        assert not is_valid(payload) or is_unsayable(payload, codes)
    else:
        assert theirs == ours
        assert is_valid(json.loads(document, parse_int=float))
    return theirs


@times(1 / 4)
@given(document=json_documents())
def test_all_three_accept_a_document_of_the_kit(reviver: Reviver, document: JsonDocument) -> None:
    """And what TypeScript revives is written again as Python writes it."""
    assert check(reviver, document.data) == document.job.to_json()


@times(1 / 4)
@given(invalid=invalid_payloads())
def test_all_three_refuse_an_invalid_payload_of_the_kit(
    reviver: Reviver, invalid: InvalidPayload
) -> None:
    """With every pointer and code that a reader must report, and no others."""
    refusal = check(reviver, json.dumps(invalid.payload).encode())
    assert isinstance(refusal, Refusal)
    assert set(refusal.codes) == invalid.problems


@times(1 / 4)
@given(document=invalid_documents() | damaged_documents())
def test_all_three_agree_on_documents_that_are_damaged(
    reviver: Reviver, document: InvalidDocument | bytes
) -> None:
    """If they are JSON at all."""
    check(reviver, document if isinstance(document, bytes) else document.data)


@times(1 / 4)
@given(text=near_dates())
def test_all_three_agree_on_dates_near_the_format(reviver: Reviver, text: str) -> None:
    """And on the instant."""
    check(reviver, json.dumps(date_only(text)).encode())


@settings(max_examples=100)  # Hypothesis takes long over recursive values
@given(value=json_objects | st.lists(json_objects))
def test_all_three_agree_on_any_value(reviver: Reviver, value: object) -> None:
    """Objects with the interface's keys and others, and arrays."""
    check(reviver, json.dumps(value).encode())


def test_all_three_agree_on_every_day_of_every_kind_of_year(reviver: Reviver) -> None:
    """Days from 0 to 32 of months from 0 to 13, in common years, leap years and centuries."""
    for year in ("0001", "1900", "2000", "2023", "2024", "2100", "9999", "0000", "+002024"):
        for month in range(14):
            for day in range(33):
                text = f"{year}-{month:02}-{day:02}"
                check(reviver, json.dumps(date_only(text)).encode())


@pytest.mark.parametrize("key", ["id", "status", "progress", "estimatedCompletion", "error"])
def test_all_three_agree_on_a_value_of_every_kind(reviver: Reviver, key: str) -> None:
    """Right and wrong ones, and names that every object of JavaScript has."""
    for value in [*VALUES, *MORE_VALUES, b'"toString"', b'"__proto__"']:
        check(reviver, b'{"%b":%b,"status":"queued","id":"a"}' % (key.encode(), value))
        check(reviver, b'{"id":"a","status":"queued","%b":%b}' % (key.encode(), value))


def test_all_three_agree_on_a_document_of_every_shape(reviver: Reviver) -> None:
    """Missing, doubled, renamed and misplaced members, and what only JavaScript reads."""
    for document in [*DOCUMENTS, *(text.encode() for _, text in DEVIATING)]:
        check(reviver, document)


EDGES = [
    "-000000",
    "-000000-01-01T00:00Z",
    "-000000T00:00",
    "-000001",
    "+000000",
    "+000001",
    "0000",
    "+010000",
    "9999",
    "-009999",
    "0001-01-01T00:00+00:01",
    "0001-01-01T00:01+00:01",
    "+000001-01-01T00:00+00:01",
    "0001T23:59+23:59",
    "9999-12-31T24:00Z",
    "9999-12-31T24:00+00:01",
    "9999-12-31T23:59-00:01",
    "9999-12-31T23:59:59.999999999Z",
    "2026-11-23T14:40:00.1234567890Z",
    "2026-11-23T14:40:00.123456789Z",
    "2026-11-23T14:40:00.Z",
    "2026-11-23T24:00:00.000000000Z",
    "2026-11-23T24:00:00.000000001Z",
    "2026-11-23T24:01Z",
    "2026-11-23T25:00Z",
    "2026-11-23T23:60Z",
    "2026-11-23T23:59:60Z",
    "2026-11-23T14:40+24:00",
    "2026-11-23T14:40-23:60",
    "2026-11-23T14:40-00:00",
    "2026T14:40Z",
    "2026-11T14:40Z",
    "2026-02-30T14:40",
    "2026-02-30T14:40Z",
    "2026-13",
    "2026-00",
]


@pytest.mark.parametrize("text", EDGES)
def test_all_three_agree_on_a_date_at_an_edge(reviver: Reviver, text: str) -> None:
    """And on the instant."""
    check(reviver, json.dumps(date_only(text)).encode())


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_golden_payload_is_revived(reviver: Reviver, path: Path) -> None:
    """And written again byte for byte."""
    assert check(reviver, path.read_bytes()) == path.read_text(encoding="utf-8")


def test_a_message_of_the_reviver_is_bounded(reviver: Reviver) -> None:
    """However long what it quotes is."""
    payload = {"id": ["x" * 9_999] * 99, "status": "\n" * 9_999, "estimatedCompletion": "9" * 9_999}
    refusal = reviver.revive(json.dumps(payload).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.problems[0][2] == "id: expected a string, got an array"
    assert all(len(message) < 200 for *_, message in refusal.problems)
    assert not any("\n" in message for *_, message in refusal.problems)


def test_a_message_of_the_reviver_cuts_no_character(reviver: Reviver) -> None:
    """A pair of surrogates is one."""
    for length in range(70, 85):
        document = json.dumps({"id": "a", "status": "x" * length + "\U0001f600" * 9}).encode()
        refusal = reviver.revive(document)
        assert isinstance(refusal, Refusal)
        assert refusal.problems[0][2].encode("utf-8")


def test_the_transitions_are_the_tables(reviver: Reviver) -> None:
    """In the order of the states."""
    assert reviver.transitions() == rows(STANDARD)


def test_the_transitions_may_be_those_of_another_lifecycle(tsc: Path, tmp_path: Path) -> None:
    """That of queues which retry, for example."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(lifecycle=RETRYING)})
    with Reviver(tmp_path / "JobStatus.js") as reviver:
        assert reviver.transitions() == rows(RETRYING)


def rows(lifecycle: Lifecycle) -> dict[str, list[str]]:
    """Return a lifecycle's table as JSON has it."""
    return {str(source): [*map(str, row)] for source, row in lifecycle.table.items()}


USAGE = """\
import { DecodeError, reviveJobStatus, TRANSITIONS } from './JobStatus.js';
import type { JobState, JobStatus, Problem, ProblemCode } from './JobStatus.js';

export const job: JobStatus = reviveJobStatus(JSON.parse('{}'));
export const date: Date | undefined = job.estimatedCompletion;
export const next: readonly ('processing' | 'failed' | 'cancelled')[] = TRANSITIONS.queued;
export const none: readonly [] = TRANSITIONS.completed;
export const may = (from: JobState, to: JobState): boolean =>
  (TRANSITIONS[from] satisfies readonly JobState[] as readonly JobState[]).includes(to);
export const codes = (error: DecodeError): readonly ProblemCode[] =>
  error.problems.map((problem: Problem) => problem.code);
// @ts-expect-error - absent is not undefined
export const absent: JobStatus = { id: 'a', status: 'queued', progress: undefined };
// @ts-expect-error - on the wire a date is a string, here it is a Date
export const wire: JobStatus = { id: 'a', status: 'queued', estimatedCompletion: '2026' };
// @ts-expect-error - no such state
export const state: JobState = 'canceled';
// @ts-expect-error - an outcome is final
TRANSITIONS.completed satisfies readonly ['queued'];
"""


def test_its_types_are_what_they_should_be(tsc: Path, tmp_path: Path) -> None:
    """To a client under every strict option."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(), "usage.ts": USAGE})


def test_the_documentations_snippet_compiles(tsc: Path, tmp_path: Path) -> None:
    """With a response to read from, and with its last value used."""
    page = (README.parent / "docs" / "integrations.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```ts\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    before = "declare const response: { json(): Promise<unknown> };\n"
    files = {"JobStatus.ts": typescript(), "snippet.ts": f"{before}{snippet}export {{ isOver }};\n"}
    compile_typescript(tsc, tmp_path, files)


def test_the_interface_is_the_readmes() -> None:
    """Line for line."""
    block = re.findall(r"^```ts\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(block) == 1
    assert f"export {block[0]}" in typescript()


def test_a_revived_job_is_a_value_of_its_own(reviver: Reviver) -> None:
    """Unknown keys are not in it, and a negative zero is none."""
    document = b'{"x":1,"progress":-0,"__proto__":{"error":"x"},"status":"queued","id":"a"}'
    assert reviver.revive(document) == JobStatus("a", "queued", progress=0).to_json()
