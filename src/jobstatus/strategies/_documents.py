"""Strategies of JSON documents: spellings of a job, and documents that a reader must reject."""

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from jobstatus._fields import extra_of
from jobstatus._status import JobStatus
from jobstatus._wire import MAX_SAFE_INTEGER, is_deep
from jobstatus.codec import DEFAULT, Codec
from jobstatus.errors import ProblemCode
from jobstatus.strategies._payloads import (
    ANY_JOBS,
    NUMBERS,
    Member,
    ReportedProblem,
    any_values,
    ignored_members,
    invalid_payloads,
    job_statuses,
    kept_members,
)
from jobstatus.strategies._spelling import Speller, Verbatim
from jobstatus.strategies._values import date_strings, ids, milliseconds


class JsonDocument(NamedTuple):
    """A JSON document and the job in it.

    Attributes:
        data: The document, in UTF-8.
        job: The job that a reader must return.
    """

    data: bytes
    job: JobStatus


@st.composite
def json_documents(
    draw: st.DrawFn,
    *,
    jobs: st.SearchStrategy[JobStatus] | None = None,
    codec: Codec = DEFAULT,
) -> JsonDocument:
    r"""Draw the ways to write a job as JSON that a reader must accept.

    Args:
        jobs: The strategy of the jobs to spell; by default `job_statuses`.
        codec: The policy of the reader. The documents have the forms that each of its options
            allows. For example, with ``null="absent"`` they may have nulls, and with
            ``ids="number"`` an id may be a number. With ``unknown_keys="reject"``, they have no
            unknown keys. With ``unknown_keys="keep"``, the job has them as `JobStatus.extra`. No
            document is deeper than ``max_depth``.

    Among them:
        - as JSON.stringify writes it
        - keys in another order
        - blanks between the tokens
        - escapes in keys
        - escapes in upper case and in lower case
        - an escaped slash
        - lone surrogates
        - a whole progress with a fraction of zeros
        - progress with an exponent
        - progress with more than 17 digits
        - progress as a negative zero
        - a date with an offset
        - a date with -00:00
        - a date without seconds
        - a date with one digit of the fraction
        - a date with nine digits of the fraction
        - a date alone
        - a month alone
        - a year alone
        - a year with its sign
        - the midnight that ends a day
        - unknown keys
        - unknown keys that nest as deep as the reader allows
        - duplicate keys, of which the last counts

    Example:
        >>> from hypothesis import find
        >>> jobs = st.just(JobStatus("a", "processing", progress=40))
        >>> find(json_documents(jobs=jobs), lambda document: b":4e1" in document.data).job
        JobStatus('a', 'processing', progress=40.0)
    """
    job = draw(_jobs(codec) if jobs is None else jobs)
    if codec.unknown_keys != "keep":
        job = attrs.evolve(job, extra=None)
    elif extra_of(job) is None:
        job = attrs.evolve(job, extra=draw(kept_members(codec)))
    elif is_deep(job.to_json(), codec.max_depth):
        reject()
    payload = attrs.evolve(job, extra=None).to_payload() | draw(_deviations(job, codec))
    members = [*payload.items(), *draw(ignored_members(frozenset(payload), codec))]
    if codec.unknown_keys == "ignore" and draw(st.booleans()):
        nested = codec.max_depth - 1
        members.append(("nested", Verbatim("[" * nested + "]" * nested if nested else "0")))
    if (extra := extra_of(job)) is not None:
        blank = draw(st.sampled_from(["", " ", "\n"]))
        members += [(key, Verbatim(_spaced(text, blank))) for key, text in extra.texts.items()]
    return JsonDocument(draw(_documents_of(members, codec)), job)


def _spaced(text: str, blank: str) -> str:
    """Return JSON with a blank after each token that is not a scalar."""
    return _STRING_OR_MARK.sub(lambda match: match[1] or match[2] + blank, text)


_STRING_OR_MARK = re.compile(r'("(?:[^"\\]|\\.)*")|([][{},:])', re.DOTALL)


@cache
def _jobs(codec: Codec) -> st.SearchStrategy[JobStatus]:
    if codec.ids == "text":
        return ANY_JOBS
    integers = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    return ANY_JOBS | job_statuses(ids=integers.map(str))


@st.composite
def _deviations(draw: st.DrawFn, job: JobStatus, codec: Codec) -> dict[str, object]:
    """Draw other values that a reader with this policy reads as those of the job."""
    values: dict[str, object] = {}
    if codec.ids == "number" and _is_integer(job.id) and draw(st.booleans()):
        values["id"] = int(job.id)
    names = [name for name, state in codec.states if state is job.status]
    if names:
        values["status"] = draw(st.sampled_from([job.status.value, *names]))
    if job.progress is not None and codec.numbers == "text" and draw(st.booleans()):
        values["progress"] = Speller(draw).number(job.progress)
    if (moment := job.estimated_completion) is not None:
        if codec.dates == "milliseconds" and draw(st.booleans()):
            values["estimatedCompletion"] = draw(milliseconds(moment))
        else:
            values["estimatedCompletion"] = draw(date_strings(moment, codec.dates))
    return values


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    is_short = digits.isascii() and digits.isdecimal() and len(digits) <= len(str(MAX_SAFE_INTEGER))
    return is_short and str(int(text)) == text and abs(int(text)) <= MAX_SAFE_INTEGER


@st.composite
def _documents_of(draw: st.DrawFn, members: list[Member], codec: Codec) -> bytes:
    """Draw an object of these members in any order, with earlier duplicates of up to two keys."""
    ordered = draw(st.permutations(members))
    for at in draw(st.lists(st.integers(0, len(members) - 1), max_size=2)) if members else ():
        key = members[at][0]
        first = next(place for place, (other, _) in enumerate(ordered) if other == key)
        ordered.insert(draw(st.integers(0, first)), (key, draw(any_values(codec))))
    return "".join(Speller(draw).members(ordered)).encode()


# Each is a syntax error between any two tokens of an object. Opening brackets are missing here,
# because they could make the document too deep, which is a different problem.
_STRAYS = st.sampled_from(
    [
        *("NaN", ",", ":", "]", "}", "'", "x", "undefined", "//", "/**/", "#"),
        *("\ufeff", "\0", "\v", "\f", "\u00a0", "\u2028", "\u3000"),
    ]
)
_INVALID_VALUES = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "undefined", "None", "True", "nul", "'a'", ""),
        *("01", "+1", ".5", "1.", "1e", "1e+", "0x28", "1_0", "--1", "-", "1n", "1,0", "(1)"),
    ]
)
_INVALID_CHARACTERS = st.sampled_from(
    ["\n", "\t", "\0", "\x1f", "\\x41", "\\'", "\\0", "\\u12G4", "\\u+041", "\\U00000041", "\\\n"]
)
_INVALID_UTF8 = st.sampled_from(
    [
        *(b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"),
        *(b"\xc0\xaf", b"\xf8\x88\x80\x80\x80"),
        *(b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80"),
    ]
)
_INVALID_JSON = st.sampled_from(
    ["", " ", "\n", "{", "[", '"', "}", "{]", "\ufeff", "nothing", "{}{}"]
)
_ARRAYS: st.SearchStrategy[list[object]] = st.lists(NUMBERS, max_size=3)
_OVERFLOW = 5_000  # levels; Python's recursion limit is 1,000


class InvalidDocument(NamedTuple):
    """A document that does not contain a job, and its problems.

    Attributes:
        data: The document.
        problems: The pointer and the code of each problem that a reader must report, and no others.
    """

    data: bytes
    problems: frozenset[ReportedProblem]


@st.composite
def invalid_documents(
    draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None, codec: Codec = DEFAULT
) -> InvalidDocument:
    r"""Draw documents that do not contain a job, and every problem that a reader must report.

    Args:
        jobs: The strategy of the jobs to damage; by default `job_statuses`.
        codec: The policy of the reader, as in `invalid_payloads`. The problems are all of them,
            also those beyond ``max_problems``.

    Among them:
        - an invalid payload in one of its spellings
        - JSON that is not an object
        - no text at all
        - a document that breaks off
        - a byte order mark
        - text after the document
        - a comment
        - NaN
        - an escape that JSON lacks
        - a control character in a string
        - UTF-16
        - bytes that are not UTF-8
        - an encoded surrogate
        - nesting deeper than the reader allows
        - nesting that overflows a stack

    Example:
        >>> from hypothesis import find
        >>> jobs = st.just(JobStatus("a", "queued"))
        >>> marked = lambda invalid: invalid.data.startswith(b"\xef\xbb\xbf{")
        >>> invalid = find(invalid_documents(jobs=jobs), marked)
        >>> invalid.data, invalid.problems
        (b'\xef\xbb\xbf{"id":"a","status":"queued"}', frozenset({('', 'invalid_json')}))
    """
    return draw(_any_kind(ANY_JOBS if jobs is None else jobs.map(_without_extra), codec))


def _without_extra(job: JobStatus) -> JobStatus:
    return attrs.evolve(job, extra=None)


@lru_cache(maxsize=64)
def _any_kind(
    jobs: st.SearchStrategy[JobStatus], codec: Codec
) -> st.SearchStrategy[InvalidDocument]:
    return st.one_of(
        *(_payload(jobs, codec) for _ in range(3)),  # drawn more often: it has the most kinds
        _not_an_object(jobs, codec),
        *(_syntax_error(jobs, damage) for damage in _DAMAGES),
        st.builds(_rejected, _INVALID_JSON, st.just("invalid_json")),
        _utf_16(jobs, codec),
        _invalid_utf8(jobs),
        _nesting(codec),
    )


@st.composite
def _payload(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec) -> InvalidDocument:
    invalid = draw(invalid_payloads(jobs=jobs, codec=codec))
    return InvalidDocument(draw(_documents_of([*invalid.payload.items()], codec)), invalid.problems)


@st.composite
def _not_an_object(
    draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec
) -> InvalidDocument:
    values = st.none() | st.booleans() | NUMBERS | ids() | _ARRAYS
    if codec.max_depth > 1:
        values |= jobs.map(lambda job: [dict(job.to_payload())])
    return _rejected(Speller(draw).value(draw(values)), "wrong_type")


@st.composite
def _syntax_error(
    draw: st.DrawFn,
    jobs: st.SearchStrategy[JobStatus],
    damage: Callable[[st.DrawFn, list[str]], list[str]],
) -> InvalidDocument:
    tokens = Speller(draw).members([*draw(jobs).to_payload().items()])
    return _rejected("".join(damage(draw, tokens)), "invalid_json")


def _insert(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    ends = st.sampled_from([0, len(tokens)])
    at = draw(st.integers(0, len(tokens)) | ends)
    return [*tokens[:at], draw(_STRAYS), *tokens[at:]]


def _delete(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, token in enumerate(tokens) if not token.isspace()]))
    return [*tokens[:at], *tokens[at + 1 :]]


def _damage_string(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, token in enumerate(tokens) if token.startswith('"')]))
    return [*tokens[:at], f'"{draw(_INVALID_CHARACTERS)}{tokens[at][1:]}', *tokens[at + 1 :]]


def _damage_value(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, text in enumerate(tokens) if text == ":"])) + 1
    at += tokens[at].isspace()
    return [*tokens[:at], draw(_INVALID_VALUES), *tokens[at + 1 :]]


def _add_bom(_: st.DrawFn, tokens: list[str]) -> list[str]:
    return ["\ufeff", *tokens]


def _truncate(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    text = "".join(tokens).rstrip()
    return [text[: draw(st.integers(0, len(text) - 1))]]


_DAMAGES = (_insert, _delete, _damage_string, _damage_value, _add_bom, _truncate)


@st.composite
def _utf_16(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec) -> InvalidDocument:
    text = json.dumps(draw(jobs).to_payload())
    encodings = ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"]
    # Without a byte order mark, the depth check reads bytes: NULs hide the backslash of an escaped
    # quote, so brackets in strings count.
    may_be_deep = text.count("[") + text.count("{") > codec.max_depth
    encoding = draw(st.sampled_from(encodings[:1] if may_be_deep else encodings))
    # The byte order mark is invalid UTF-8. Without it, ASCII text is UTF-8 with NULs, which are
    # invalid in JSON.
    code: ProblemCode = "invalid_utf8" if encoding == "utf-16" else "invalid_json"
    return InvalidDocument(text.encode(encoding), frozenset({("", code)}))


@st.composite
def _invalid_utf8(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus]) -> InvalidDocument:
    tokens = Speller(draw).members([*draw(jobs).to_payload().items()])
    at = draw(st.integers(0, len(tokens) - 1))
    # Insert the bytes after the opening quote of a string, or before any token.
    cut = tokens[at].startswith('"') and draw(st.booleans())
    before = "".join(tokens[:at]) + tokens[at][:cut]
    after = tokens[at][cut:] + "".join(tokens[at + 1 :])
    data = before.encode() + draw(_INVALID_UTF8) + after.encode()
    return InvalidDocument(data, frozenset({("", "invalid_utf8")}))


@st.composite
def _nesting(draw: st.DrawFn, codec: Codec) -> InvalidDocument:
    levels = codec.max_depth + draw(st.sampled_from([1, 2, _OVERFLOW]))
    opened, closed = draw(st.sampled_from([("[", "]"), ('{"a":', "}"), ('[0,"[",', "]")]))
    inner = "[]" if draw(st.booleans()) else "{}"
    text = opened * (levels - 1) + inner + closed * (levels - 1)
    if draw(st.booleans()):
        # The enclosing object adds one level.
        text = f'{{"id":"a","status":"queued","nested":{text}}}'
    elif draw(st.booleans()):
        text = opened * levels
    return _rejected(text, "too_deep")


def _rejected(text: str, code: ProblemCode) -> InvalidDocument:
    return InvalidDocument(text.encode(), frozenset({("", code)}))
