"""Strategies of documents: the many spellings of one job."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

from jobstatus._fields import FIELDS, OPTIONAL
from jobstatus._status import JobStatus
from jobstatus.codec import Codec
from jobstatus.strategies._date_strings import date_strings
from jobstatus.strategies._jobs import ANY_JOBS
from jobstatus.strategies._spelling import Speller, Verbatim
from jobstatus.strategies._values import ids

Member: TypeAlias = tuple[str, object]

STRICT = Codec()
OPTIONAL_KEYS = tuple(field.key for field in OPTIONAL)
_KEYS = frozenset(field.key for field in FIELDS)
_NEAR_KEYS = ("ID", "Status", "estimated_completion", "progress ", "__proto__", "a/b", "m~n", "")
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=8)
_CONTAINERS = st.lists(_SCALARS, max_size=2) | st.dictionaries(
    st.text(max_size=4), _SCALARS, max_size=2
)
unknown_keys = st.sampled_from(_NEAR_KEYS) | ids().filter(lambda key: key not in _KEYS)


class JsonDocument(NamedTuple):
    """A JSON document, and the job that a reader must find in it.

    Attributes:
        data: The document, in UTF-8.
        job: The job.
    """

    data: bytes
    job: JobStatus


@st.composite
def json_documents(
    draw: st.DrawFn,
    *,
    jobs: st.SearchStrategy[JobStatus] | None = None,
    codec: Codec = STRICT,
) -> JsonDocument:
    r"""Draw the spellings of a job that a reader must accept.

    Args:
        jobs: The jobs to spell; `job_statuses` if not given.
        codec: The policy of the reader. With ``null="absent"`` there are
            nulls, with ``unknown_keys="reject"`` no unknown keys, with ``dates="iso8601"`` other
            dates, and nothing is deeper than its ``max_depth``.

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
    job = draw(ANY_JOBS if jobs is None else jobs)
    payload: dict[str, object] = dict(job.to_payload())
    if job.estimated_completion is not None:
        payload["estimatedCompletion"] = draw(date_strings(job.estimated_completion, codec.dates))
    members = [*payload.items(), *draw(harmless_members(frozenset(payload), codec))]
    if codec.unknown_keys == "ignore" and draw(st.booleans()):
        nested = codec.max_depth - 1
        members.append(("nested", Verbatim("[" * nested + "]" * nested if nested else "0")))
    return JsonDocument(draw(documents_of(members, codec)), job)


@lru_cache(maxsize=64)
def harmless_members(present: frozenset[str], codec: Codec) -> st.SearchStrategy[list[Member]]:
    """Return a strategy for members that a reader with this policy takes for nothing."""
    harmless: list[st.SearchStrategy[Member]] = [
        st.tuples(st.just(key), st.none())
        for key in OPTIONAL_KEYS
        if key not in present and codec.null == "absent"
    ]
    if codec.unknown_keys == "ignore":
        harmless.append(st.tuples(unknown_keys, any_values(codec)))
    return st.lists(st.one_of(harmless), max_size=2 if harmless else 0)


@lru_cache(maxsize=64)
def any_values(codec: Codec) -> st.SearchStrategy[object]:
    """Return a strategy for JSON values that fit into an object under a policy."""
    return _SCALARS | containers(codec)


def containers(codec: Codec) -> st.SearchStrategy[object]:
    """Return a strategy for arrays and objects that fit into an object under a policy."""
    return _CONTAINERS if codec.max_depth > 1 else st.nothing()


@st.composite
def documents_of(draw: st.DrawFn, members: list[Member], codec: Codec) -> bytes:
    """Draw an object of these members, in another order, and some of their keys twice."""
    ordered = draw(st.permutations(members))
    for at in draw(st.lists(st.integers(0, len(members) - 1), max_size=2)) if members else ():
        key = members[at][0]
        first = next(place for place, (other, _) in enumerate(ordered) if other == key)
        ordered.insert(draw(st.integers(0, first)), (key, draw(any_values(codec))))
    return "".join(Speller(draw).members(ordered)).encode()
