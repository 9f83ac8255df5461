"""`unknown_keys="keep"` forwards the members that the interface lacks, as text."""

from __future__ import annotations

import copy
import functools
import json
import pickle
import re
from collections.abc import Callable
from typing import Annotated, Any, cast

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from jobstatus import (
    RETRYING,
    Codec,
    DecodeError,
    InvalidJobStatusError,
    JobState,
    JobStatus,
    make_converter,
)
from jobstatus._wire import _extra, _json
from jobstatus.errors import Fault
from jobstatus.history import check_history, merge
from jobstatus.streams import read_stream
from tests.support.hostile import Raising
from tests.support.parsers import PARSERS, Parser, parsing_with
from tests.support.values import json_values

KEEP = Codec(unknown_keys="keep")
KEY = "expected a key that the interface does not have"
DOCUMENT = '{"id":"a","status":"queued","result":{"url":"x"},"attempt":2}'
JOB = KEEP.decode(DOCUMENT)


def kept(members: str, codec: Codec = KEEP) -> str:
    """Return the members after the interface's as they are written, without the first comma."""
    text = codec.decode(f'{{"id":"a","status":"queued",{members}}}').to_json()
    return text.removeprefix('{"id":"a","status":"queued"').removeprefix(",").removesuffix("}")


@pytest.mark.parametrize("parser", PARSERS)
def test_forwarding_loses_nothing(parser: Parser) -> None:
    """The default codec would drop both members."""
    with parsing_with(parser):
        assert KEEP.decode(DOCUMENT).to_json() == DOCUMENT
        assert KEEP.encode(KEEP.decode(DOCUMENT.encode())).decode() == DOCUMENT
        array = f"[{DOCUMENT},{DOCUMENT}]"
        assert KEEP.encode_array(KEEP.decode_array(array)).decode() == array
        array = '[ {"id":"a","status":"queued","x":1.50e2},\n{"id":"b","status":"queued","x":-0.0}]'
        assert KEEP.encode_array(KEEP.decode_array(array)).decode() == re.sub(r"\s", "", array)
        assert [*KEEP.encode_lines(KEEP.decode_lines([DOCUMENT]))] == [f"{DOCUMENT}\n".encode()]
        stream = [f" {DOCUMENT}{DOCUMENT}".encode()]
        assert [*read_stream(stream, codec=KEEP)] == [JOB, JOB]
        assert Codec().decode(DOCUMENT).to_json() == '{"id":"a","status":"queued"}'


def test_extra_returns_a_new_dict_of_parsed_values() -> None:
    """Changing it does not change the job."""
    extra = cast("dict[str, Any]", JOB.extra)
    assert extra == {"result": {"url": "x"}, "attempt": 2}
    extra["result"]["url"] = "y"
    assert JOB.extra == {"result": {"url": "x"}, "attempt": 2}
    assert JobStatus.queued("a").extra == {}


@pytest.mark.parametrize(
    ("members", "written"),
    [
        ('"x":1.50e2', '"x":1.50e2'),
        ('"x":12345678901234567890123', '"x":12345678901234567890123'),
        ('"x":-0.0', '"x":-0.0'),
        ('"x":1e400', '"x":1e400'),
        ('"x" : [ 1 , "a b" , { } ]', '"x":[1,"a b",{}]'),
        ('"x":\n\t[\r\n1]', '"x":[1]'),
        (r'"x":"\u0041 \" \\ \/"', r'"x":"\u0041 \" \\ \/"'),
        (r'"\u0078":1', '"x":1'),
        ('"x":null', '"x":null'),
        ('"":0,"x\\n":1', '"":0,"x\\n":1'),
        ('"x":1,"y":2,"x":3', '"x":3,"y":2'),
        ('"__proto__":{"id":1}', '"__proto__":{"id":1}'),
        ('"ID":"b"', '"ID":"b"'),
    ],
)
def test_a_member_is_written_as_the_text_that_was_read(members: str, written: str) -> None:
    """Only white space outside strings is removed, and of duplicate keys the last value counts."""
    assert kept(members) == written


def test_the_texts_of_a_job_are_read_only() -> None:
    """Not even private access can change a job by accident."""
    extra: Any = JOB._extra  # pyright: ignore[reportPrivateUsage]  # see above
    with pytest.raises(TypeError, match="does not support item assignment"):
        extra.texts["attempt"] = "3"
    texts = {"x": "1"}
    copied: Any = type(extra)(texts)
    texts["x"] = "2"
    assert copied.texts == {"x": "1"}


def test_extra_members_come_after_those_of_the_interface() -> None:
    """They keep the order of their first appearance."""
    text = '{"y":1,"status":"failed","x":2,"error":"e","id":"a","y":3}'
    assert KEEP.decode(text).to_json() == '{"id":"a","status":"failed","error":"e","y":3,"x":2}'


def test_the_members_survive_every_transition() -> None:
    """This includes one back to queued, which clears the other fields."""
    steps = [JOB, JOB.update(progress=1), JOB.start(), JOB.start().complete(), JOB.fail("e")]
    steps += [JOB.cancel(), JOB.fail("e").transition_to("queued", lifecycle=RETRYING)]
    assert all(job.to_json().endswith(',"result":{"url":"x"},"attempt":2}') for job in steps)
    assert steps[-1] == JOB


def test_the_members_survive_copies() -> None:
    """A copy with other fields keeps the texts."""
    job = KEEP.decode('{"id":"a","status":"queued","x":1.50e2}')
    later = attrs.evolve(job, progress=5)
    assert later.to_json() == '{"id":"a","status":"queued","progress":5,"x":1.50e2}'
    for same in (pickle.loads(pickle.dumps(job)), copy.copy(job), copy.deepcopy(job)):
        assert same.to_json() == job.to_json()
    replace: Any = getattr(copy, "replace", attrs.evolve)  # new in Python 3.13
    assert replace(job, progress=5) == later


def test_a_member_can_be_added_replaced_and_dropped() -> None:
    """The constructor and `attrs.evolve` take a mapping of values."""
    job = JobStatus("a", "queued", extra={"attempt": 2, "note": "caf\u00e9"})
    assert job.to_json() == '{"id":"a","status":"queued","attempt":2,"note":"caf\u00e9"}'
    assert attrs.evolve(job, extra={**job.extra, "attempt": 3}).extra["attempt"] == 3
    assert attrs.evolve(job, extra={}) == attrs.evolve(job, extra=None) == JobStatus.queued("a")


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (5, "extra: expected a mapping, got 5 [wrong_type]"),
        (
            {"id": 1},
            "extra: expected a key that the interface does not have, got 'id' [wrong_type]",
        ),
        ({5: 1}, "extra: expected a key that the interface does not have, got 5 [wrong_type]"),
        ({"x": float("nan")}, "extra: expected a JSON value, got nan [wrong_type]"),
        ({"x": {1, 2}}, "extra: expected a JSON value, got {1, 2} [wrong_type]"),
        ({"x": 10**5000}, "extra: expected a JSON value, got <int of 16610 bits> [wrong_type]"),
    ],
)
def test_invalid_members_are_rejected_by_the_constructor(extra: Any, problem: str) -> None:
    """The other fields are checked too."""
    with pytest.raises(InvalidJobStatusError) as refused:
        JobStatus("a", "queued", extra=extra)
    assert str(refused.value) == problem
    with pytest.raises(InvalidJobStatusError) as refused:
        JobStatus("a", "queued", progress=101, extra=extra)
    assert [item.pointer for item in refused.value.problems] == ["/progress", ""]


def nested(levels: int) -> Any:
    """Return an array with this many levels."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_a_member_nests_no_deeper_than_the_codec_reads() -> None:
    """So a codec can read what it wrote."""
    job = JobStatus("a", "queued", extra={"x": nested(63)})
    assert KEEP.decode(job.to_json()) == job
    with pytest.raises(InvalidJobStatusError, match="expected at most 64 nested levels, got more"):
        JobStatus("a", "queued", extra={"x": nested(64)})
    payload = {"id": "a", "status": "queued", "x": nested(3)}
    assert Codec(unknown_keys="keep", max_depth=4).from_payload(payload).extra == {"x": [[[]]]}
    with pytest.raises(DecodeError) as refused:
        Codec(unknown_keys="keep", max_depth=3).from_payload(payload)
    assert [(item.pointer, item.code) for item in refused.value.problems] == [("/x", "too_deep")]
    with pytest.raises(DecodeError, match="too_deep"):
        KEEP.from_payload({"id": "a", "status": "queued", "x": nested(100_000)})


def test_a_parsed_payload_has_no_source_text() -> None:
    """Its members are written as json.dumps writes them."""
    payload = {"id": "a", "status": "queued", "x": 1e2, "y": {"b": [True, None]}, "z": 12 * 10**30}
    job = KEEP.from_payload(payload)
    assert job.to_json().endswith(f',"x":100.0,"y":{{"b":[true,null]}},"z":{12 * 10**30}}}')
    assert KEEP.from_payload(job.to_payload()) == job
    assert job.to_payload() == payload


def test_the_default_codec_keeps_nothing() -> None:
    """The id is not ASCII, so that the full checks read the payload."""
    job = Codec().from_payload({"id": "\u00e9", "status": "queued", "x": 1})
    assert job == JobStatus.queued("\u00e9")
    assert KEEP.from_payload({"id": "\u00e9", "status": "queued"}) == job


def test_every_problem_with_a_parsed_payload_is_reported() -> None:
    """A member without JSON cannot be kept."""
    payload: Any = {"id": "a", "x": float("inf"), 5: 1, "a/b": object, "k" * 81: {1}}
    with pytest.raises(DecodeError) as refused:
        KEEP.from_payload(payload)
    assert [(item.pointer, item.code) for item in refused.value.problems] == [
        ("/status", "missing"),
        ("/x", "wrong_type"),
        ("/a~1b", "wrong_type"),
        ("", "wrong_type"),
        ("", "wrong_type"),
    ]
    messages = [item.message for item in refused.value.problems]
    assert messages[1] == "key 'x': expected a JSON value, got inf"
    assert messages[3].endswith("expected a JSON value, got {1}")
    assert messages[4] == f"key 5: {KEY}, got 5"  # after the keys that are strings


class Odd(str):
    """A string with another hash, so a dict does not find it."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 5


def test_a_key_of_the_interface_in_disguise_is_a_problem() -> None:
    """Otherwise the payload would have the key twice."""
    with pytest.raises(DecodeError) as refused:
        KEEP.from_payload({"id": "a", "status": "queued", Odd("id"): "b"})
    (problem,) = refused.value.problems
    assert problem.code == "wrong_type"
    assert problem.message.endswith("expected a key that the interface does not have, got 'id'")
    assert KEEP.from_payload({"id": "a", "status": "queued", Odd("x"): 1}).extra == {"x": 1}


class Hostile:
    """A key that raises if it is compared, with the hash of the key "id"."""

    def __init__(self, error: type[Exception] = ValueError) -> None:
        self.error = error

    def __eq__(self, other: object) -> bool:
        raise self.error

    def __hash__(self) -> int:
        return hash("id")


@pytest.mark.parametrize("unknown_keys", ["ignore", "reject", "keep"])
def test_a_key_that_raises_is_an_unknown_key(unknown_keys: Any) -> None:
    """Its methods are not called."""
    payload: dict[Any, Any] = {Hostile(): 1}
    payload.update(status="queued")
    codec = Codec(unknown_keys=unknown_keys)
    with pytest.raises(DecodeError) as refused:
        codec.from_payload(payload)
    assert refused.value.problems[0].pointer == "/id"


def test_a_full_stack_is_not_hidden() -> None:
    """The caller's stack may be nearly full when a key is compared."""
    payload: Any = {Hostile(RecursionError): 1, "status": "queued"}
    with pytest.raises(RecursionError):
        KEEP.from_payload(payload)


def test_a_mapping_that_raises_is_no_mapping() -> None:
    """The error is ours."""
    with pytest.raises(DecodeError, match="expected an object"):
        KEEP.from_payload(Raising())
    with pytest.raises(InvalidJobStatusError, match="extra: expected a mapping"):
        JobStatus("a", "queued", extra=Raising())


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_shared_parts_cannot_make_a_large_text(
    monkeypatch: pytest.MonkeyPatch, kind: Callable[[object], object]
) -> None:
    """YAML's aliases make such values: each level doubles the text."""
    monkeypatch.setattr(_json, "MAX_DOCUMENT", 1_000)  # a lower limit is faster to reach
    value: object = []
    for _ in range(50):
        value = kind([("a", value), ("b", value)])
    with pytest.raises(DecodeError) as refused:
        KEEP.from_payload({"id": "a", "status": "queued", "x": value})
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/x", "out_of_range")
    assert problem.message == "key 'x': expected at most 1000 characters of JSON, got more"


@pytest.mark.parametrize(
    ("value", "is_large"),
    [
        *[("x" * 9, False), ("x" * 10, True), (["x" * 8], False), (["x" * 9], True)],
        *[({"xxxx": ["xx"]}, False), ({"xxxx": ["xxx"]}, True), ([0] * 9, False), ([0] * 10, True)],
    ],
)
def test_the_size_of_a_member_counts_values_and_characters(
    monkeypatch: pytest.MonkeyPatch, value: object, is_large: object
) -> None:
    """Each value and each character counts 1; the limit is that of a document in a stream."""
    assert _json.MAX_DOCUMENT == 16_777_216
    monkeypatch.setattr(_json, "MAX_DOCUMENT", 10)
    assert isinstance(_extra.dump(value, 64), Fault) is is_large


def test_a_parsed_payload_may_have_tuples() -> None:
    """json.dumps writes them as arrays."""
    job = KEEP.from_payload({"id": "a", "status": "queued", "x": [(1,), {"k": "v"}]})
    assert job.extra == {"x": [[1], {"k": "v"}]}


def test_the_number_of_problems_with_members_is_bounded() -> None:
    """Reading stops, as for other problems."""
    payload = {"id": "a", "status": "queued"} | dict.fromkeys(map(str, range(100)), float("nan"))
    with pytest.raises(DecodeError) as refused:
        Codec(unknown_keys="keep", max_problems=3).from_payload(payload)
    assert (len(refused.value.problems), refused.value.truncated) == (3, True)


def test_a_payload_never_contains_an_infinity() -> None:
    """JSON.stringify writes null for a number that JSON.parse reads as an infinity."""
    job = KEEP.decode(f'{{"id":"a","status":"queued","x":[1e400,-1e999],"y":{"9" * 351}}}')
    assert job.extra == {"x": [None, None], "y": None}
    assert json.loads(json.dumps(job.to_payload(), allow_nan=False)) == job.to_payload()
    assert '"x":[1e400,-1e999]' in job.to_json()


def test_equality_ignores_the_order_of_the_members_only() -> None:
    """It compares texts, so two spellings of a number differ."""
    jobs = [
        KEEP.decode(f'{{"id":"a","status":"queued",{members}}}')
        for members in ('"x":1,"y":2', '"y":2,"x":1', '"x":1.0,"y":2', '"x":1')
    ]
    assert jobs[0] == jobs[1]
    assert hash(jobs[0]) == hash(jobs[1])
    assert len(set(jobs)) == 3
    assert JobStatus.queued("a") not in jobs


def test_merge_breaks_ties_by_the_members() -> None:
    """The result does not depend on the order of the arguments."""
    jobs = [
        KEEP.decode(f'{{"id":"a","status":"queued"{members}}}')
        for members in ("", ',"x":1', ',"x":2', ',"y":0', ',"x":1,"y":0', ',"y":0,"x":1')
    ]
    latest = functools.reduce(merge, jobs)
    assert latest.extra == {"y": 0}
    assert functools.reduce(merge, reversed(jobs)) == latest
    assert all(merge(a, b) == merge(b, a) for a in jobs for b in jobs)


def test_an_audit_does_not_compare_the_members() -> None:
    """A service may add the time of a request to each payload."""
    done = KEEP.decode('{"id":"a","status":"completed","progress":100,"at":1}')
    assert [*check_history([done, attrs.evolve(done, extra={"at": 2}), done])] == []
    changed = attrs.evolve(done, error="e", extra={})
    finding, _ = check_history([done, changed])
    assert finding.code == "changed_after_outcome"
    assert "at" not in finding.message


def test_the_repr_has_the_members() -> None:
    """It reads like a call of the constructor."""
    assert repr(JOB) == "JobStatus('a', 'queued', extra={'result': {'url': 'x'}, 'attempt': 2})"
    assert eval(repr(JOB)) == JOB  # noqa: S307 - a repr of this library


def test_cattrs_and_pydantic_keep_the_members() -> None:
    """They read parsed payloads, and write the members too."""
    payload = {"id": "a", "status": "queued", "attempt": 2}
    converter = make_converter(codec=KEEP)
    assert converter.unstructure(converter.structure(payload, JobStatus)) == payload
    adapter: TypeAdapter[JobStatus] = TypeAdapter(Annotated[JobStatus, KEEP])
    job = adapter.validate_json(DOCUMENT)
    assert adapter.dump_json(job).decode() == DOCUMENT


@pytest.mark.parametrize("text", ["}", "1,", "NaN", "", '1,"id":2', "[" * 501])
def test_a_forged_pickle_cannot_hold_text_that_is_not_json(text: str) -> None:
    """Unpickling checks the texts."""
    reduced: Any = JOB.__reduce__()
    rebuild, arguments = reduced
    if text == '1,"id":2':  # valid JSON, whose second member is dropped
        assert rebuild(*arguments[:-1], {"x": text}).extra == {"x": 1}
        assert rebuild(*arguments[:-1], {}) == JobStatus.queued("a")
        return
    with pytest.raises(DecodeError):
        rebuild(*arguments[:-1], {"x": text})


def test_lone_surrogates_are_escaped_and_pairs_joined() -> None:
    """A text that was read raw equals the one that is read back."""
    raw = '{"id":"a","status":"queued","x\ud800":"\ud83d\ude00 \udfff","y":"\\ud800"}'
    job = KEEP.decode(raw)
    assert job.to_json() == (
        '{"id":"a","status":"queued","x\\ud800":"\U0001f600 \\udfff","y":"\\ud800"}'
    )
    assert KEEP.decode(job.to_json()) == job
    assert KEEP.from_payload(job.to_payload()).extra == job.extra


BLANK_OR_STRING = re.compile(r'[ \t\r\n]|"(?:[^"\\]|\\.)*"', re.DOTALL)


@given(
    st.dictionaries(st.text(max_size=4).map("x{}".format), json_values, max_size=3),
    st.sampled_from([None, 1, "\t"]),
)
def test_any_member_is_kept(members: dict[str, Any], indent: Any) -> None:
    """Node would read the same value from what is written, on one line."""
    payload = {"id": "a", "status": "queued", **members}
    text = json.dumps(payload, indent=indent)
    assume("NaN" not in text and "Infinity" not in text)
    job = KEEP.decode(text)
    written = job.to_json()
    assert json.loads(written) == payload
    assert {match[:1] for match in BLANK_OR_STRING.findall(written)} <= {'"'}
    assert KEEP.decode(written) == job
    assert pickle.loads(pickle.dumps(job)).to_json() == written


def test_a_state_of_its_own_is_still_checked() -> None:
    """The other problems are those without the option."""
    with pytest.raises(DecodeError) as refused:
        KEEP.decode('{"id":5,"status":"done","x":1}')
    assert [item.pointer for item in refused.value.problems] == ["/id", "/status"]
    assert KEEP.decode('{"status":"queued","x":1}', id="a").status is JobState.QUEUED


def test_reading_many_members_takes_linear_time() -> None:
    """A megabyte of members in an array of jobs is scanned once for each item."""
    item = '{"id":"a","status":"queued",%s}' % ",".join(f'"k{n}":{n}' for n in range(1_000))  # noqa: UP031 - the text has braces
    jobs = KEEP.decode_array(f"[{','.join([item] * 100)}]")
    assert len(jobs) == 100
    assert all(len(job.extra) == 1_000 for job in jobs)
