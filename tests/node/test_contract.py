"""Python, the JSON Schema and the generated TypeScript agree on every document."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobstatus import RETRYING, STANDARD, Codec, DecodeError, JobState, JobStatus, Lifecycle
from jobstatus.codec import Ids, Null, Numbers
from jobstatus.contract import typescript
from jobstatus.strategies import (
    InvalidDocument,
    InvalidPayload,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    json_documents,
)
from tests.node.cases import times
from tests.node.near_dates import near_dates
from tests.node.reviver import Rejection, Reviver, expectation
from tests.node.test_reading import DEVIATING, DOCUMENTS, MORE_VALUES, VALUES
from tests.node.typescript import compile_typescript
from tests.support.damage import damaged_documents
from tests.support.schema import date_only, is_unsayable, is_valid
from tests.support.values import json_objects
from tests.test_golden import PAYLOADS

README = Path(__file__).parent.parent.parent / "README.md"
STRICT = Codec()
NEAR_NUMBERS = [
    *(b"9007199254740991", b"9007199254740992", b"-9007199254740991", b"-9007199254740993"),
    *(b"9007199254740991.4", b"1e15", b"1e16", b"-0.0", b"1.0", b"1.5", b"1e3", b"123456789012345"),
    *(b'"33.30"', b'"50"', b'"1e1"', b'"-0"', b'"100.0"', b'"101"', b'"-1"', b'"1e400"'),
    *(b'" 5"', b'"5 "', b'"5\\n"', b'"+5"', b'".5"', b'"5."', b'"05"', b'"0x10"', b'"1_0"'),
    *(b'"NaN"', b'"Infinity"', b'"\\u0665"', b'"5,0"', b'"5%"', b'"5\\u0000"', b'"1e"', b'"--5"'),
]
UNPARSED = {"invalid_json", "invalid_utf8", "too_deep"}


def check(reviver: Reviver, document: bytes, codec: Codec = STRICT) -> str | Rejection | None:
    """Check that the three implementations agree on a document; return TypeScript's result.

    The JSON Schema describes the interface, so it agrees with the default codec only.
    """
    theirs = reviver.revive(document, codec)
    try:
        ours = codec.decode(document).to_json()
    except DecodeError as error:
        codes = [(problem.pointer, problem.code) for problem in error.problems]
        if codes[0][1] in UNPARSED:
            # Python found no value to judge. The depth limit is a documented deviation.
            assert theirs is None or codes[0][1] == "too_deep"
            return theirs
        assert isinstance(theirs, Rejection)
        assert theirs.codes == codes
        assert theirs.expectations == [expectation(problem.message) for problem in error.problems]
        payload = json.loads(document, parse_int=float)
        assert codec != STRICT or not is_valid(payload) or is_unsayable(payload, codes)
    else:
        assert theirs == ours
        assert codec != STRICT or is_valid(json.loads(document, parse_int=float))
    return theirs


# Every set of the options that the TypeScript module has, except the empty one.
OPTIONS = [
    Codec(null=null, ids=ids, numbers=numbers)
    for null, ids, numbers in product(get_args(Null), get_args(Ids), get_args(Numbers))
][1:]


@pytest.mark.parametrize("codec", OPTIONS, ids=lambda c: f"{c.null}-{c.ids}-{c.numbers}")
def test_typescript_has_the_same_options(reviver: Reviver, codec: Codec) -> None:
    """It accepts the same documents of the strategies, and reports the same problems."""

    @times(1 / 8)
    @given(json_documents(codec=codec), invalid_payloads(codec=codec))
    def agree(document: JsonDocument, invalid: InvalidPayload) -> None:
        assert check(reviver, document.data, codec) == document.job.to_json()
        rejection = check(reviver, json.dumps(invalid.payload).encode(), codec)
        assert isinstance(rejection, Rejection)
        assert set(rejection.codes) == invalid.problems

    agree()


@pytest.mark.parametrize("key", ["id", "progress", "estimatedCompletion", "error"])
def test_typescript_reads_a_value_of_every_kind_with_all_options(
    reviver: Reviver, key: str
) -> None:
    """The values are numbers at the limits, and strings that are nearly numbers."""
    for value in [*VALUES, *MORE_VALUES, *NEAR_NUMBERS]:
        check(reviver, b'{"id":"a","status":"queued","%b":%b}' % (key.encode(), value), OPTIONS[-1])


@times(1 / 4)
@given(document=json_documents())
def test_all_three_accept_a_document_of_the_strategies(
    reviver: Reviver, document: JsonDocument
) -> None:
    """JSON.stringify writes the revived job as Python does."""
    assert check(reviver, document.data) == document.job.to_json()


@times(1 / 4)
@given(invalid=invalid_payloads())
def test_all_three_reject_an_invalid_payload_of_the_strategies(
    reviver: Reviver, invalid: InvalidPayload
) -> None:
    """Each reports exactly the expected pointers and codes."""
    rejection = check(reviver, json.dumps(invalid.payload).encode())
    assert isinstance(rejection, Rejection)
    assert set(rejection.codes) == invalid.problems


@times(1 / 4)
@given(document=invalid_documents() | damaged_documents())
def test_all_three_agree_on_damaged_documents(
    reviver: Reviver, document: InvalidDocument | bytes
) -> None:
    """The damage is random, so a document may still be valid."""
    check(reviver, document if isinstance(document, bytes) else document.data)


@times(1 / 4)
@given(text=near_dates())
def test_all_three_agree_on_dates_that_nearly_match_the_format(reviver: Reviver, text: str) -> None:
    """They accept the same strings, as the same instants."""
    check(reviver, json.dumps(date_only(text)).encode())


@settings(max_examples=100)  # Hypothesis takes long over recursive values
@given(value=json_objects | st.lists(json_objects))
def test_all_three_agree_on_any_value(reviver: Reviver, value: object) -> None:
    """The value may be an array, or an object with known and unknown keys."""
    check(reviver, json.dumps(value).encode())


def test_all_three_agree_on_every_day_of_every_kind_of_year(reviver: Reviver) -> None:
    """Days 0 to 32 of months 0 to 13, in common years, leap years and centuries."""
    for year in ("0001", "1900", "2000", "2023", "2024", "2100", "9999", "0000", "+002024"):
        for month in range(14):
            for day in range(33):
                text = f"{year}-{month:02}-{day:02}"
                check(reviver, json.dumps(date_only(text)).encode())


@pytest.mark.parametrize("key", ["id", "status", "progress", "estimatedCompletion", "error"])
def test_all_three_agree_on_a_value_of_every_kind(reviver: Reviver, key: str) -> None:
    """The values include names that every JavaScript object inherits."""
    for value in [*VALUES, *MORE_VALUES, b'"toString"', b'"__proto__"']:
        check(reviver, b'{"%b":%b,"status":"queued","id":"a"}' % (key.encode(), value))
        check(reviver, b'{"id":"a","status":"queued","%b":%b}' % (key.encode(), value))


def test_all_three_agree_on_a_document_of_every_shape(reviver: Reviver) -> None:
    """Members are missing, duplicate, renamed or misplaced, or valid only for JSON.parse."""
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
    """They accept the same date strings, as the same instants."""
    check(reviver, json.dumps(date_only(text)).encode())


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_golden_payload_is_revived(reviver: Reviver, path: Path) -> None:
    """JSON.stringify writes the revived payload byte for byte."""
    assert check(reviver, path.read_bytes()) == path.read_text(encoding="utf-8")


def test_a_message_of_the_reviver_lists_the_states_as_in_python(reviver: Reviver) -> None:
    """The last state follows "or"; the value is quoted as in JSON."""
    rejection = reviver.revive(b'{"id":"a","status":"done"}')
    assert isinstance(rejection, Rejection)
    expected = "expected queued, processing, completed, failed or cancelled"
    assert rejection.problems[0][2] == f'status: {expected}, got "done"'


def test_a_message_of_the_reviver_is_short_and_on_one_line(reviver: Reviver) -> None:
    """The values are long or have many lines."""
    payload = {"id": ["x" * 9_999] * 99, "status": "\n" * 9_999, "estimatedCompletion": "9" * 9_999}
    rejection = reviver.revive(json.dumps(payload).encode())
    assert isinstance(rejection, Rejection)
    assert rejection.problems[0][2] == "id: expected a string, got an array"
    assert all(len(message) < 200 for *_, message in rejection.problems)
    assert not any("\n" in message for *_, message in rejection.problems)


def test_a_message_of_the_reviver_does_not_split_a_character(reviver: Reviver) -> None:
    """An excerpt never ends with half a surrogate pair."""
    for length in range(70, 85):
        document = json.dumps({"id": "a", "status": "x" * length + "\U0001f600" * 9}).encode()
        rejection = reviver.revive(document)
        assert isinstance(rejection, Rejection)
        assert rejection.problems[0][2].encode("utf-8")


def test_the_transitions_equal_the_table_of_the_lifecycle(reviver: Reviver) -> None:
    """TRANSITIONS has the same states in the same order."""
    assert reviver.transitions() == rows(STANDARD)


def test_the_transitions_can_be_generated_from_another_lifecycle(tsc: Path, tmp_path: Path) -> None:
    """The example is RETRYING."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(lifecycle=RETRYING)})
    with Reviver(tmp_path / "JobStatus.js") as reviver:
        assert reviver.transitions() == rows(RETRYING)


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"])
def test_a_state_is_terminal_as_in_the_lifecycle(
    tsc: Path, tmp_path: Path, lifecycle: Lifecycle
) -> None:
    """The function isTerminal agrees with Lifecycle.terminal on all five states."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(lifecycle=lifecycle)})
    with Reviver(tmp_path / "JobStatus.js") as reviver:
        terminal = {state for state in JobState if reviver.is_terminal(state.value)}
    assert terminal == lifecycle.terminal


def rows(lifecycle: Lifecycle) -> dict[str, list[str]]:
    """Return a lifecycle's table as a JSON value."""
    return {str(source): [*map(str, row)] for source, row in lifecycle.table.items()}


USAGE = """\
import { DecodeError, isTerminal, reviveJobStatus, TRANSITIONS } from './JobStatus.js';
import type { JobState, JobStatus, Problem, ProblemCode } from './JobStatus.js';

export const job: JobStatus = reviveJobStatus(JSON.parse('{}'));
export const date: Date | undefined = job.estimatedCompletion;
export const next: readonly JobState[] = TRANSITIONS.queued;
export const may = (from: JobState, to: JobState): boolean => TRANSITIONS[from].includes(to);
export const over = (state: JobState): boolean => isTerminal(state);
export const codes = (error: DecodeError): readonly ProblemCode[] =>
  error.problems.map((problem: Problem) => problem.code);
// @ts-expect-error - an optional member may be absent, not undefined
export const absent: JobStatus = { id: 'a', status: 'queued', progress: undefined };
// @ts-expect-error - a date is a string only on the wire
export const wire: JobStatus = { id: 'a', status: 'queued', estimatedCompletion: '2026' };
// @ts-expect-error - no such state
export const state: JobState = 'canceled';
// @ts-expect-error - the table is read-only
TRANSITIONS.completed = ['queued'];
// @ts-expect-error - so is each row
TRANSITIONS.queued.push('completed');
// @ts-expect-error - no such state
isTerminal('canceled');
"""


def test_the_exported_types_are_exact(tsc: Path, tmp_path: Path) -> None:
    """They compile under every strict compiler option."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(), "usage.ts": USAGE})


# Code that only one option rejects, and the error of the compiler.
LOOSE = {
    "exactOptionalPropertyTypes": ("export const a: { b?: string } = { b: undefined };", "TS2375"),
    "noUncheckedIndexedAccess": ("export const a = (b: string[]): string => b[0];", "TS2322"),
    "verbatimModuleSyntax": ("import { A } from './a.js';\nexport const a: A = 'a';", "TS1484"),
    "erasableSyntaxOnly": ("export enum A { a }", "TS1294"),
    "isolatedDeclarations": ("export const a = () => new Date();", "TS9007"),
}


@pytest.mark.parametrize(("code", "error"), LOOSE.values(), ids=LOOSE)
def test_the_compiler_runs_with_strict_options(
    tsc: Path, tmp_path: Path, code: str, error: str
) -> None:
    """Without one of the options, the code would compile."""
    files = {"a.ts": "export type A = 'a';\n", "loose.ts": f"{code}\n"}
    with pytest.raises(AssertionError, match=error):
        compile_typescript(tsc, tmp_path, files)


def test_the_examples_in_the_documentation_compile(tsc: Path, tmp_path: Path) -> None:
    """Each TypeScript block of docs/typescript.md is a module, with the types of browsers."""
    page = (README.parent / "docs" / "typescript.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```ts\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert blocks[0] in typescript()
    assert len(blocks) == 5
    modules = {f"block{at}.ts": block for at, block in enumerate(blocks)}
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(), **modules}, "dom")


def test_the_demo_has_the_compiled_module(tsc: Path, tmp_path: Path) -> None:
    """To renew it, copy the file that this test names."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript()})
    compiled = tmp_path / "JobStatus.js"
    demo = README.parent / "examples" / "demo" / "JobStatus.js"
    assert demo.read_bytes() == compiled.read_bytes(), f"cp {compiled} {demo}"


def test_the_generated_interface_equals_the_readme() -> None:
    """The README has one TypeScript block."""
    block = re.findall(r"^```ts\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(block) == 1
    assert f"export {block[0]}" in typescript()


def test_reviving_creates_a_new_object_with_known_keys(reviver: Reviver) -> None:
    """Unknown keys are dropped, and a negative zero becomes zero."""
    document = b'{"x":1,"progress":-0,"__proto__":{"error":"x"},"status":"queued","id":"a"}'
    assert reviver.revive(document) == JobStatus("a", "queued", progress=0).to_json()


POLLUTED = """\
import { reviveJobStatus } from './JobStatus.js';
Object.prototype.polluted = 1;
console.log(JSON.stringify(reviveJobStatus({ id: 'a', status: 'queued' })));
"""


def test_enumerable_keys_of_object_prototype_are_ignored(tsc: Path, tmp_path: Path) -> None:
    """A library may add such a key to every object."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript()})
    (tmp_path / "polluted.js").write_text(POLLUTED, encoding="utf-8")
    done = subprocess.run(
        ["node", "polluted.js"], capture_output=True, check=True, cwd=tmp_path, encoding="utf-8"
    )
    assert done.stdout == '{"id":"a","status":"queued"}\n'
