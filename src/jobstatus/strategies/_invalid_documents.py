"""Strategies of documents that a reader must refuse, be they JSON or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from hypothesis import strategies as st

from jobstatus._status import JobStatus
from jobstatus.codec import Codec
from jobstatus.errors import ProblemCode
from jobstatus.strategies._documents import STRICT, documents_of
from jobstatus.strategies._invalid_payloads import NUMBERS, ReportedProblem, invalid_payloads
from jobstatus.strategies._jobs import ANY_JOBS
from jobstatus.strategies._spelling import Speller
from jobstatus.strategies._values import ids

# None of these may stand between two tokens of an object, wherever it is put. A bracket that opens
# may, as far as another reason to refuse it goes: it makes the document deeper.
_STRAYS = st.sampled_from(
    [
        *("NaN", ",", ":", "]", "}", "'", "x", "undefined", "//", "/**/", "#"),
        *("\ufeff", "\0", "\v", "\f", "\u00a0", "\u2028", "\u3000"),
    ]
)
_NO_VALUES = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "undefined", "None", "True", "nul", "'a'", ""),
        *("01", "+1", ".5", "1.", "1e", "1e+", "0x28", "1_0", "--1", "-", "1n", "1,0", "(1)"),
    ]
)
_NO_CHARACTERS = st.sampled_from(
    ["\n", "\t", "\0", "\x1f", "\\x41", "\\'", "\\0", "\\u12G4", "\\u+041", "\\U00000041", "\\\n"]
)
_NO_UTF8 = st.sampled_from(
    [
        *(b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"),
        *(b"\xc0\xaf", b"\xf8\x88\x80\x80\x80"),
        *(b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80"),
    ]
)
_NO_JSON = st.sampled_from(["", " ", "\n", "{", "[", '"', "}", "{]", "\ufeff", "nothing", "{}{}"])
_ARRAYS: st.SearchStrategy[list[object]] = st.lists(NUMBERS, max_size=3)
_OVERRUN = 5_000


class InvalidDocument(NamedTuple):
    """A document that holds no job, and what is wrong with it.

    Attributes:
        data: The document.
        problems: The pointer and the code of each problem that a reader must report, and no others.
    """

    data: bytes
    problems: frozenset[ReportedProblem]


@st.composite
def invalid_documents(
    draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None, codec: Codec = STRICT
) -> InvalidDocument:
    r"""Draw documents that hold no job, and all that a reader must report.

    Args:
        jobs: The jobs to spoil; `job_statuses` if not given.
        codec: The policy of the reader, as in `invalid_payloads`.

    Among them:
        - an invalid payload in one of its spellings
        - JSON that is no object
        - no text at all
        - a document that breaks off
        - a byte order mark
        - text after the document
        - a comment
        - NaN
        - an escape that JSON has not
        - a control character in a string
        - UTF-16
        - bytes that are not UTF-8
        - an encoded surrogate
        - nesting deeper than the reader allows
        - nesting that overruns a stack

    Example:
        >>> from hypothesis import find
        >>> jobs = st.just(JobStatus("a", "queued"))
        >>> marked = lambda invalid: invalid.data.startswith(b"\xef\xbb\xbf{")
        >>> invalid = find(invalid_documents(jobs=jobs), marked)
        >>> invalid.data, invalid.problems
        (b'\xef\xbb\xbf{"id":"a","status":"queued"}', frozenset({('', 'invalid_json')}))
    """
    return draw(_any_kind(ANY_JOBS if jobs is None else jobs, codec))


@lru_cache(maxsize=64)
def _any_kind(
    jobs: st.SearchStrategy[JobStatus], codec: Codec
) -> st.SearchStrategy[InvalidDocument]:
    return st.one_of(
        *(_payload(jobs, codec) for _ in range(3)),  # of which there are the most kinds
        _no_object(jobs, codec),
        *(_syntax(jobs, damage) for damage in _DAMAGES),
        st.builds(_refused, _NO_JSON, st.just("invalid_json")),
        _utf_16(jobs, codec),
        _no_utf_8(jobs),
        _nesting(codec),
    )


@st.composite
def _payload(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec) -> InvalidDocument:
    invalid = draw(invalid_payloads(jobs=jobs, codec=codec))
    return InvalidDocument(draw(documents_of([*invalid.payload.items()], codec)), invalid.problems)


@st.composite
def _no_object(
    draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec
) -> InvalidDocument:
    values = st.none() | st.booleans() | NUMBERS | ids() | _ARRAYS
    if codec.max_depth > 1:
        values |= jobs.map(lambda job: [dict(job.to_payload())])
    return _refused(Speller(draw).value(draw(values)), "wrong_type")


@st.composite
def _syntax(
    draw: st.DrawFn,
    jobs: st.SearchStrategy[JobStatus],
    damage: Callable[[st.DrawFn, list[str]], list[str]],
) -> InvalidDocument:
    tokens = Speller(draw).members([*draw(jobs).to_payload().items()])
    return _refused("".join(damage(draw, tokens)), "invalid_json")


def _put_in(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    ends = st.sampled_from([0, len(tokens)])
    at = draw(st.integers(0, len(tokens)) | ends)
    return [*tokens[:at], draw(_STRAYS), *tokens[at:]]


def _leave_out(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, token in enumerate(tokens) if not token.isspace()]))
    return [*tokens[:at], *tokens[at + 1 :]]


def _spoil_string(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, token in enumerate(tokens) if token.startswith('"')]))
    return [*tokens[:at], f'"{draw(_NO_CHARACTERS)}{tokens[at][1:]}', *tokens[at + 1 :]]


def _spoil_value(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    at = draw(st.sampled_from([at for at, text in enumerate(tokens) if text == ":"])) + 1
    at += tokens[at].isspace()
    return [*tokens[:at], draw(_NO_VALUES), *tokens[at + 1 :]]


def _mark(_: st.DrawFn, tokens: list[str]) -> list[str]:
    return ["\ufeff", *tokens]


def _cut(draw: st.DrawFn, tokens: list[str]) -> list[str]:
    text = "".join(tokens).rstrip()
    return [text[: draw(st.integers(0, len(text) - 1))]]


_DAMAGES = (_put_in, _leave_out, _spoil_string, _spoil_value, _mark, _cut)


@st.composite
def _utf_16(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus], codec: Codec) -> InvalidDocument:
    text = json.dumps(draw(jobs).to_payload())
    encodings = ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"]
    # Read as bytes, a string may end at an escaped quote, and its brackets count.
    may_be_deep = text.count("[") + text.count("{") > codec.max_depth
    encoding = draw(st.sampled_from(encodings[:1] if may_be_deep else encodings))
    # With a byte order mark it is no UTF-8. Without one, ASCII is, and has NULs for RFC 8259.
    code: ProblemCode = "invalid_utf8" if encoding == "utf-16" else "invalid_json"
    return InvalidDocument(text.encode(encoding), frozenset({("", code)}))


@st.composite
def _no_utf_8(draw: st.DrawFn, jobs: st.SearchStrategy[JobStatus]) -> InvalidDocument:
    tokens = Speller(draw).members([*draw(jobs).to_payload().items()])
    at = draw(st.integers(0, len(tokens) - 1))
    # After the quote with which a string begins, or before the token.
    cut = tokens[at].startswith('"') and draw(st.booleans())
    before = "".join(tokens[:at]) + tokens[at][:cut]
    after = tokens[at][cut:] + "".join(tokens[at + 1 :])
    data = before.encode() + draw(_NO_UTF8) + after.encode()
    return InvalidDocument(data, frozenset({("", "invalid_utf8")}))


@st.composite
def _nesting(draw: st.DrawFn, codec: Codec) -> InvalidDocument:
    levels = codec.max_depth + draw(st.sampled_from([1, 2, _OVERRUN]))
    opened, closed = draw(st.sampled_from([("[", "]"), ('{"a":', "}"), ('[0,"[",', "]")]))
    inner = "[]" if draw(st.booleans()) else "{}"
    text = opened * (levels - 1) + inner + closed * (levels - 1)
    if draw(st.booleans()):
        # The object around it is a level too.
        text = f'{{"id":"a","status":"queued","nested":{text}}}'
    elif draw(st.booleans()):
        text = opened * levels
    return _refused(text, "too_deep")


def _refused(text: str, code: ProblemCode) -> InvalidDocument:
    return InvalidDocument(text.encode(), frozenset({("", code)}))
