"""The categories in the docstrings of `jobstatus.strategies`, as predicates on drawn values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from itertools import pairwise, product
from math import nextafter
from typing import Any, get_args

from jobstatus import RETRYING, STANDARD, Codec, JobState, JobStatus, Payload
from jobstatus._wire import MAX_DEPTH
from jobstatus.codec import Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.strategies import (
    IllegalHistory,
    InvalidDocument,
    InvalidPayload,
    JsonDocument,
    Observation,
)

Predicate = Callable[[Any], object]
History = list[JobStatus]
KEYS = ["id", "status", "progress", "estimatedCompletion", "error"]
SURROGATE = re.compile("[\ud800-\udfff]")
MIDNIGHT = time(0)
CHOICES = {
    "null": Null,
    "unknown_keys": UnknownKeys,
    "ids": Ids,
    "numbers": Numbers,
    "dates": Dates,
}


def every(wanted: Iterable[object], key: Callable[[Any], Iterable[object]]) -> Predicate:
    """Return a predicate that is true once all wanted items have been drawn."""
    missing = set(wanted)

    def holds(value: Any) -> bool:
        missing.difference_update(key(value))
        return not missing

    return holds


def subset(job: JobStatus) -> tuple[object, ...]:
    """Return the state of a job, and whether each optional field is present."""
    values = (job.progress, job.estimated_completion, job.error)
    return (job.status, *(value is not None for value in values))


SUBSETS = list(product(JobState, *[(True, False)] * 3))


def matches(pattern: str) -> Predicate:
    """Return a predicate that is true for texts with this pattern."""
    return lambda text: re.search(pattern, text) is not None


def states() -> dict[str, Predicate]:
    """Return the categories of states."""
    return {"every state": every(JobState, lambda state: [state])}


def ids() -> dict[str, Predicate]:
    """Return the categories of ids."""
    return {
        "the empty string": lambda text: text == "",
        "ASCII letters and digits alone": matches("^[0-9A-Za-z]+$"),
        "quotes, backslashes or slashes": every('"\\/', set),
        "control characters": matches("[\0-\x1f]"),
        "line separators, which JSON does not escape": matches("[\u2028\u2029]"),
        "characters beyond the Basic Multilingual Plane": matches("[\U00010000-\U0010ffff]"),
        "lone surrogates": matches(SURROGATE.pattern),
    }


def error_texts() -> dict[str, Predicate]:
    """Return the categories of error texts."""
    return {
        "the empty string": lambda text: text == "",
        "more than one line": matches(r".\n."),
        "lone surrogates": matches(SURROGATE.pattern),
    }


def progress_values() -> dict[str, Predicate]:
    """Return the categories of progress values."""
    return {
        "0": lambda number: number == 0,
        "100": lambda number: number == 100,
        "whole numbers between them": lambda number: 0 < number < 100 and number.is_integer(),
        "numbers below 1e-6, which ECMAScript writes with an exponent": lambda n: 0 < n < 1e-6,
        "numbers that need 15 digits or more": lambda number: (
            len(re.sub(r"^0\.0*|\.|e.*", "", repr(number))) >= 15
        ),
    }


def dates() -> dict[str, Predicate]:
    """Return the categories of dates."""
    return {
        "the first millisecond of year 1": lambda date: date == datetime(1, 1, 1, tzinfo=UTC),
        "the last millisecond of year 9999": lambda date: (
            date == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
        ),
        "before 1970": lambda date: date.year < 1970,
        "years below 1000": lambda date: date.year < 1000,
        "midnight": lambda date: date.time() == MIDNIGHT,
        "midnight of the first day of a month": lambda date: (
            date.time() == MIDNIGHT and date.month > date.day == 1
        ),
        "midnight of 1 January": lambda date: (
            date.time() == MIDNIGHT and date.month == date.day == 1
        ),
        "whole seconds other than midnight": lambda date: (
            date.microsecond == 0 and date.time() != MIDNIGHT
        ),
        "milliseconds that are not a multiple of ten": lambda date: date.microsecond % 10_000,
    }


def codecs() -> dict[str, Predicate]:
    """Return the categories of codecs."""
    return {
        "the default codec": lambda codec: codec == Codec(),
        "every value of an option that is a string": every(
            [(name, value) for name, values in CHOICES.items() for value in get_args(values)],
            lambda codec: [(name, getattr(codec, name)) for name in CHOICES],
        ),
        "another name of every state": every(
            JobState, lambda codec: [state for _, state in codec.states]
        ),
        "the least and the greatest maximum depth": every(
            [1, MAX_DEPTH], lambda codec: [codec.max_depth]
        ),
        "at most one problem": lambda codec: codec.max_problems == 1,
    }


def lifecycles() -> dict[str, Predicate]:
    """Return the categories of lifecycles."""
    reasons = {reason for row in RETRYING.table.values() for reason in row.values()}
    return {
        "STANDARD and RETRYING": every([STANDARD, RETRYING], lambda lifecycle: [lifecycle]),
        "every initial state": every(JobState, lambda lifecycle: [lifecycle.initial]),
        "a state that may follow itself": lambda lifecycle: any(
            lifecycle.allows(state, state) for state in JobState
        ),
        "a reason of its own": lambda lifecycle: any(
            reason and reason not in reasons
            for row in lifecycle.table.values()
            for reason in row.values()
        ),
    }


def job_statuses() -> dict[str, Predicate]:
    """Return the categories of jobs."""
    extremes = {datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)}
    return {
        "every state with every subset of the optional fields": every(
            SUBSETS, lambda job: [subset(job)]
        ),
        "an id with lone surrogates": lambda job: SURROGATE.search(job.id),
        "an error with lone surrogates": lambda job: SURROGATE.search(job.error or ""),
        "an empty error": lambda job: job.error == "",
        "progress 0": lambda job: job.progress == 0,
        "a date at an end of the range": lambda job: job.estimated_completion in extremes,
    }


def payloads() -> dict[str, Predicate]:
    """Return the categories of payloads."""

    def present(payload: Payload) -> list[tuple[object, ...]]:
        return [(payload["status"], *(key in payload for key in KEYS[2:]))]

    return {
        "every state with every subset of the optional keys": every(SUBSETS, present),
        "progress as an int": lambda payload: type(payload.get("progress")) is int,
        "progress as a float": lambda payload: type(payload.get("progress")) is float,
    }


def members(document: JsonDocument) -> list[tuple[str, Any]]:
    """Return the members of a document, with each number as the bytes of its literal."""
    parsed = json.loads(
        document.data, object_pairs_hook=list, parse_float=str.encode, parse_int=str.encode
    )
    return [(key, value) for key, value in parsed]


def last(key: str, kind: type[str | bytes], pattern: str) -> Predicate:
    """Return a predicate on the last value of a key in a document."""

    def holds(document: JsonDocument) -> object:
        value = dict(members(document)).get(key)
        if not isinstance(value, kind):
            return False
        return re.search(pattern, value if isinstance(value, str) else value.decode())

    return holds


def date(pattern: str) -> Predicate:
    """Return a predicate on the date in a document."""
    return last("estimatedCompletion", str, pattern)


def iso8601_dates() -> dict[str, Predicate]:
    """Return the categories of dates under the policy "iso8601"."""
    return {
        "a week": date(r"^\d{4}-W\d\d-\d[T ]"),
        "a week without hyphens": date(r"^\d{4}W\d{3}[T ]"),
        "a day of the year": date(r"^\d{4}-\d{3}[T ]"),
        "a date without hyphens": date(r"^\d{8}[T ]"),
        "a blank before the time": date(r" \d\d"),
        "a comma before the fraction": date(r",\d"),
        "a time without colons": date(r"[T ]\d{6}"),
        "an hour alone": date(r"[T ]\d\d([Z+-]|$)"),
        "an offset without a colon": date(r"[+-]\d{4}$"),
        "an offset of hours": date(r"[+-]\d\d$"),
    }


DEVIATING = Codec(
    ids="number", numbers="text", dates="milliseconds", states={"canceled": "cancelled"}
)


def deviations() -> dict[str, Predicate]:
    """Return the categories of documents under the policy DEVIATING."""
    return {
        "an id as an integer": last("id", bytes, r"^-?\d+$"),
        "an id as an integer with an exponent": last("id", bytes, "[eE]"),
        "an id as a string": last("id", str, ""),
        "another name of a state": last("status", str, "^canceled$"),
        "progress in a string": last("progress", str, r"^\d+$"),
        "progress in a string, with an exponent": last("progress", str, r"[eE]"),
        "progress as a number": last("progress", bytes, ""),
        "a date in ECMA-262's format": date("Z$"),
        "a date in another format of ISO 8601": date(r"^\d{4}-?W"),
        "a date as a number of milliseconds": last("estimatedCompletion", bytes, r"^-?\d+$"),
        "a date as a number with a fraction": last("estimatedCompletion", bytes, r"\.5$"),
    }


def invalid_deviations() -> dict[str, Predicate]:
    """Return the categories of invalid payloads under the policy DEVIATING."""

    def of(key: str, kind: type, code: str) -> Predicate:
        return lambda invalid: (
            (f"/{key}", code) in invalid.problems and type(invalid.payload.get(key)) is kind
        )

    return {
        "an id with a fraction": of("id", float, "out_of_range"),
        "an id that is no safe integer": of("id", int, "out_of_range"),
        "progress that is no number in a string": of("progress", str, "wrong_type"),
        "progress out of range in a string": of("progress", str, "out_of_range"),
        "a date out of range in milliseconds": of("estimatedCompletion", int, "out_of_range"),
    }


def json_documents() -> dict[str, Predicate]:
    """Return the categories of valid documents."""

    def data(pattern: bytes) -> Predicate:
        return lambda document: re.search(pattern, document.data) is not None

    def keys(holds: Callable[[list[str]], object]) -> Predicate:
        return lambda document: bool(holds([key for key, _ in members(document)]))

    def number(pattern: str) -> Predicate:
        return last("progress", bytes, pattern)

    return {
        "as JSON.stringify writes it": lambda document: (
            document.data == document.job.to_json().encode()
        ),
        "keys in another order": keys(
            lambda names: [k for k in KEYS if k in names] != [n for n in names if n in KEYS]
        ),
        "blanks between the tokens": data(rb"^[ \n\t\r]+\{[ \n\t\r]+\""),
        "escapes in keys": data(rb'[{,]"[a-zA-Z]*\\u00[0-9a-fA-F]{2}[a-zA-Z]*":'),
        "escapes in upper case and in lower case": every(
            [True, False], lambda d: [hex_.islower() for hex_ in re.findall(rb"\\u.{4}", d.data)]
        ),
        "an escaped slash": data(rb"\\/"),
        "lone surrogates": data(rb"(?i)\\ud[89a-f]"),
        "a whole progress with a fraction of zeros": number(r"^\d+\.0+$"),
        "progress with an exponent": number(r"[eE]"),
        "progress with more than 17 digits": number(r"^[0.]*[1-9][0-9.]{19,}"),
        "progress as a negative zero": number(r"^-0"),
        "a date with an offset": date(r"[+-](?!00:00)\d\d:\d\d$"),
        "a date with -00:00": date("-00:00$"),
        "a date without seconds": date(r"T\d\d:\d\d([Z+-])"),
        "a date with one digit of the fraction": date(r"\.\d[Z+-]"),
        "a date with nine digits of the fraction": date(r"\.\d{9}[Z+-]"),
        "a date alone": date(r"^(\+00)?\d{4}-\d\d-\d\d$"),
        "a month alone": date(r"^(\+00)?\d{4}-\d\d$"),
        "a year alone": date(r"^(\+00)?\d{4}$"),
        "a year with its sign": date(r"^\+00"),
        "the midnight that ends a day": date("T24:00"),
        "unknown keys": keys(lambda names: set(names) - set(KEYS)),
        "unknown keys that nest as deep as the reader allows": data(
            re.escape(b"[" * 63 + b"]" * 63)
        ),
        "duplicate keys, of which the last counts": keys(
            lambda names: len(set(names)) < len(names)
        ),
    }


def invalid_payloads() -> dict[str, Predicate]:
    """Return the categories of invalid payloads."""

    def fault(pointer: str, code: str) -> Predicate:
        return lambda invalid: (pointer, code) in invalid.problems

    def of(key: str, holds: Predicate, code: str) -> Predicate:
        def check(invalid: InvalidPayload) -> bool:
            return (f"/{key}", code) in invalid.problems and bool(holds(invalid.payload.get(key)))

        return check

    return {
        "one fault": lambda invalid: len(invalid.problems) == 1,
        "a fault in every field": lambda invalid: len(invalid.problems) == len(KEYS),
        "a required key that is missing": every(
            [("/id", "missing"), ("/status", "missing")], lambda invalid: invalid.problems
        ),
        "null for a required key": of("id", lambda value: value is None, "wrong_type"),
        "null for an optional key": every(
            [(f"/{key}", "null") for key in KEYS[2:]], lambda invalid: invalid.problems
        ),
        "a value of another type": every(
            [(f"/{key}", "wrong_type") for key in KEYS], lambda invalid: invalid.problems
        ),
        "a numeric string for progress": of("progress", lambda v: v == "40", "wrong_type"),
        "a bool for progress": of("progress", lambda value: value is True, "wrong_type"),
        "a progress just above 100": of(
            "progress", lambda value: value == nextafter(100, 101), "out_of_range"
        ),
        "a progress just below 0": of(
            "progress", lambda value: -1e-300 < value < 0, "out_of_range"
        ),
        "a progress beyond the doubles": of(
            "progress", lambda value: abs(value) == 10**400, "out_of_range"
        ),
        "an unknown status": fault("/status", "unknown_state"),
        "a status in upper case": of(
            "status",
            lambda value: value.isupper() and value.lower() in [*JobState],
            "unknown_state",
        ),
        "a date as a number": of(
            "estimatedCompletion", lambda value: type(value) in {int, float}, "wrong_type"
        ),
        "a date without an offset": fault("/estimatedCompletion", "no_offset"),
        "a date that does not exist": of(
            "estimatedCompletion", matches("-02-30T|-04-31T|-13-01T|T25:|:60"), "invalid_date"
        ),
        "a date in another format": of(
            "estimatedCompletion", matches("GMT$|[tz ]|,"), "invalid_date"
        ),
        "a date before year 1 or after year 9999": fault("/estimatedCompletion", "out_of_range"),
        "faults beside unknown keys, which are ignored": lambda invalid: bool(
            set(invalid.payload) - set(KEYS)
        ),
    }


def invalid_documents() -> dict[str, Predicate]:
    """Return the categories of invalid documents."""

    def only(code: str, holds: Callable[[bytes], object]) -> Predicate:
        def check(invalid: InvalidDocument) -> bool:
            return set(invalid.problems) == {("", code)} and bool(holds(invalid.data))

        return check

    def json_error(pattern: bytes) -> Predicate:
        return only("invalid_json", lambda data: re.search(pattern, data))

    return {
        "an invalid payload in one of its spellings": lambda invalid: any(
            pointer for pointer, _ in invalid.problems
        ),
        "JSON that is not an object": only("wrong_type", bool),
        "no text at all": only("invalid_json", lambda data: not data),
        "a document that breaks off": json_error(rb'^\{"id":[^}]*$'),
        "a byte order mark": json_error(rb"^\xef\xbb\xbf\{"),
        "text after the document": json_error(rb"\}[^\s}]+$"),
        "a comment": json_error(rb"/\*\*/|//"),
        "NaN": json_error(rb":NaN"),
        "an escape that JSON lacks": json_error(rb"\\[x'0U]"),
        "a control character in a string": json_error(rb'"[\0\x1f]'),
        "UTF-16": only("invalid_utf8", lambda data: data.startswith(b"\xff\xfe{\0")),
        "bytes that are not UTF-8": only(
            "invalid_utf8", lambda data: not data.startswith(b"\xff\xfe")
        ),
        "an encoded surrogate": only("invalid_utf8", lambda data: b"\xed\xa0" in data),
        "nesting deeper than the reader allows": only("too_deep", bool),
        "nesting that overflows a stack": only("too_deep", lambda data: len(data) > 5_000),
    }


def moves(history: History) -> list[tuple[JobState, JobState]]:
    """Return the pairs of successive states, including updates."""
    return [(before.status, after.status) for before, after in pairwise(history)]


def histories() -> dict[str, Predicate]:
    """Return the categories of legal histories."""

    def ends(state: JobState) -> Predicate:
        return lambda history: history[-1].status is state

    def falls(history: History) -> bool:
        return any((b.progress or 0) > (a.progress or 0) for b, a in pairwise(history))

    def estimates(history: History) -> int:
        return len({job.estimated_completion for job in history} - {None})

    return {
        "a job that has just begun": lambda history: len(history) == 1,
        "a job that completed": ends(JobState.COMPLETED),
        "a job that failed": ends(JobState.FAILED),
        "a job that was cancelled": ends(JobState.CANCELLED),
        "a job that failed before it ran": lambda history: (
            (JobState.QUEUED, JobState.FAILED) in moves(history)
        ),
        "a job that is not done": ends(JobState.PROCESSING),
        "updates of progress": lambda history: len({job.progress for job in history}) > 2,
        "progress that falls": falls,
        "an update that changes nothing": lambda history: any(b == a for b, a in pairwise(history)),
        "estimates that move": lambda history: estimates(history) > 1,
    }


def observations() -> dict[str, Predicate]:
    """Return the categories of observations."""

    def places(observation: Observation) -> list[int]:
        return [observation.history.index(job) for job in observation.seen]

    def is_distinct(observation: Observation) -> bool:
        return all(observation.history.count(job) == 1 for job in observation.history)

    return {
        "the whole history": lambda observed: observed.seen == observed.history,
        "a snapshot that was missed": lambda observed: (
            not all(job in observed.seen for job in observed.history)
        ),
        "a snapshot that came twice": lambda observed: (
            is_distinct(observed) and len(set(places(observed))) < len(observed.seen)
        ),
        "snapshots out of order": lambda observed: (
            is_distinct(observed) and places(observed) != sorted(places(observed))
        ),
        "the last snapshot first": lambda observed: (
            len(observed.seen) > 1 and observed.seen[0] == observed.last != observed.seen[-1]
        ),
    }


def illegal_histories() -> dict[str, Predicate]:
    """Return the categories of illegal histories."""

    def move(illegal: IllegalHistory) -> tuple[JobStatus, JobStatus]:
        before, after = illegal.snapshots[illegal.position - 1 : illegal.position + 1]
        return before, after

    def arc(illegal: IllegalHistory) -> tuple[JobState, JobState]:
        before, after = move(illegal)
        return before.status, after.status

    def is_other_outcome(illegal: IllegalHistory) -> bool:
        before, after = move(illegal)
        return before.status is after.status and before.error != after.error

    return {
        "a move from every terminal state to every other state": every(
            [(a, b) for a, b in product(STANDARD.terminal, JobState) if a is not b],
            lambda illegal: [arc(illegal)],
        ),
        "a processing job that is queued again": lambda illegal: (
            arc(illegal) == (JobState.PROCESSING, JobState.QUEUED)
        ),
        "an outcome with another error": is_other_outcome,
        "a move after legal ones": lambda illegal: illegal.position > 1,
        "a move before legal ones": lambda illegal: illegal.position < len(illegal.snapshots) - 1,
    }
