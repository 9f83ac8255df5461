"""The properties of any input, for the fuzzer and for its corpus.

Each check asserts the properties of some bytes under a policy, and returns the outcomes of reading
them.
"""

from __future__ import annotations

import json
import pickle
from ast import literal_eval
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, TypeVar, cast
from unittest.mock import patch

import attrs

from jobstatus import Codec, DecodeError, InvalidValueError, JobState, JobStatus, Problem
from jobstatus._untrusted import excerpt, printable
from jobstatus._wire import _json, _payload
from jobstatus.dates import format_date, normalize_date, parse_date, parse_iso8601_date
from jobstatus.streams import _stream
from jobstatus.streams._stream import Located
from tests.support.ecmascript import stringify, to_iso_string
from tests.support.parsers import PARSERS, Parser, fields, parsing_with
from tests.support.streams import stream_of

T = TypeVar("T")
Read: TypeAlias = JobStatus | DecodeError
Outcome: TypeAlias = str | tuple[int | str, ...]

CORPUS: Final = Path(__file__).parent.parent / "corpus.txt"
BLANK: Final = b" \t\r\n"
MAX_MESSAGE: Final = 220
MAX_ERROR: Final = 2000
MAX_KEY: Final = 80
MAX_ITEMS: Final = 100
MALFORMED: Final = {"invalid_utf8", "invalid_json", "too_deep"}
MAX_SAFE: Final = (1 << 53) - 1
FIRST: Final = -62_135_596_800_000
LAST: Final = 253_402_300_799_999
YEAR_2000: Final = 946_684_800_000
KEYS: Final = ("id", "status", "progress", "estimatedCompletion", "error")
OPTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "null": ("reject", "absent"),
    "unknown_keys": ("ignore", "reject", "keep"),
    "dates": ("ecmascript", "iso8601", "any", "milliseconds"),
    "max_depth": (64, 1, 2, 500),
    "chunk": (1 << 16, 1, 2, 3, 5, 8, 13, 21),
    "ids": ("text", "number"),
    "numbers": ("number", "text"),
    "states": ({}, {"canceled": "cancelled", "paused": "processing"}),
}
"""The first value of each is the default. Two bytes select a value for all of them."""
HEAD: Final = 3
"""The bytes of a fuzzer's input before its data: one for the surface, and two for the options."""
NOTHING: Final = object()


class Case(NamedTuple):
    """Some bytes, the function that reads them, and its options.

    Attributes:
        surface: The kind of date_reader, one of `SURFACES`.
        options: The options in `OPTIONS` that are not the default: those of a Codec, and the
            number of bytes that a stream returns at a time.
        data: The bytes.
    """

    surface: str
    options: dict[str, Any]
    data: bytes

    @classmethod
    def from_input(cls, given: bytes) -> Case:
        """Return the case of a fuzzer's input."""
        surface, *rest = given[:HEAD].ljust(HEAD, b"\0")
        number = int.from_bytes(rest)
        options: dict[str, Any] = {}
        for name, values in OPTIONS.items():
            number, chosen = divmod(number, len(values))
            options |= {name: values[chosen]} if chosen else {}
        return cls([*SURFACES][surface % len(SURFACES)], options, given[HEAD:])

    def to_input(self) -> bytes:
        """Return the fuzzer's input for this case."""
        number = 0
        for name, values in reversed(OPTIONS.items()):
            number = number * len(values) + values.index(self.options.get(name, values[0]))
        return bytes([[*SURFACES].index(self.surface), *number.to_bytes(HEAD - 1)]) + self.data

    def check(self) -> list[Outcome]:
        """Assert the properties of the bytes, and return the outcomes of reading them."""
        options = {name: values[0] for name, values in OPTIONS.items()} | self.options
        chunk: int = options.pop("chunk")
        return SURFACES[self.surface](Codec(**options), self.data, chunk)


def corpus() -> list[tuple[Case, list[Outcome]]]:
    """Return the cases in tests/corpus.txt, each with its expected outcomes."""
    lines = CORPUS.read_text(encoding="ascii").splitlines()
    rows = [literal_eval(line) for line in lines if not line.startswith("#")]
    return [(Case(*row[:3]), row[3]) for row in rows]


def check_bytes(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Check that bytes are UTF-8, and are read like the same text as a str."""
    result = read_alike(codec, data)
    if result != [("", "invalid_utf8")]:
        text = data.decode()
        assert exact(attempt(lambda: codec.decode(text))) == exact(
            attempt(lambda: codec.decode(data))
        )
    return result


def check_text(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Check text that may contain surrogates."""
    return read_alike(codec, text_of(data))


def check_array(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Check that an array is read as its items are, by each parser."""
    slow = attempt(lambda: read_items(codec, data))
    for name in PARSERS:
        with parsing_with(name):
            assert exact(attempt(lambda: codec.decode_array(data))) == exact(slow)
    if isinstance(slow, DecodeError):
        check_error(slow)
    else:
        assert exact(codec.decode_array(codec.encode_array(slow))) == exact(slow)
    result = outcomes(slow)
    check_by_json(codec, data, result, is_array=True)
    return result


def check_lines(codec: Codec, data: bytes, chunk: int) -> list[Outcome]:
    """Check that each line is read as its own document, with its line number."""
    expected = [
        attempt(partial(read_line, codec, number, line))
        for number, line in enumerate(BytesIO(data), start=1)
        if line.strip(BLANK)
    ]
    results = [*codec.decode_lines(stream_of(data, chunk), errors="yield")]
    assert exact(results) == exact(expected)
    errors = [result for result in results if isinstance(result, DecodeError)]
    for error in errors:
        check_error(error)
    first = attempt(lambda: [*codec.decode_lines(BytesIO(data))])
    assert exact(first) == exact(errors[0] if errors else expected)
    return [part for result in results for part in outcomes(result)]


def check_stream(codec: Codec, data: bytes, chunk: int) -> list[Outcome]:
    """Check that a stream is split into all its documents, for any size of chunks."""
    documents = cut(codec, data, chunk)
    whole = cut(codec, data, len(data) + 1)
    assert [exact_document(document) for document in documents] == [
        exact_document(other) for other in whole
    ]
    check_cuts(codec, data, documents)
    return [outcome_of(document) for document in documents]


def check_cuts(codec: Codec, data: bytes, documents: list[Located]) -> None:
    """Check that the documents are those of the stream's format."""
    begin = data.lstrip(BLANK)[:1]
    if begin == b"[":
        check_items(codec, data, documents)
        return
    check_records(data, documents) if begin == b"\x1e" else check_values(codec, data, documents)
    for _, pointer, text, result in documents:
        assert pointer == ""
        assert exact(result) == exact(attempt(partial(codec.decode, text)))


def check_date(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Check that both readers reject a string or agree on one instant."""
    text = text_of(data)
    moments = [
        attempt_date(parse_date, text),
        attempt_date(parse_iso8601_date, text),
        attempt_date(parse_iso8601_date, in_full(text)),
    ]
    for moment in moments:
        if isinstance(moment, InvalidValueError):
            check_message(moment.message)
        else:
            check_moment(moment)
    date, _, in_iso8601 = moments
    if isinstance(date, datetime):
        # With 24:00, isoparse overflows the last day before it subtracts the offset.
        assert in_iso8601 == date or outcome_of_date(in_iso8601) == "out_of_range"
    read_alike(codec, json.dumps({"id": "a", "status": "queued", "estimatedCompletion": text}))
    # The formats that isoparse accepts may change with its version, so they are not recorded.
    return [outcome_of_date(date)]


SURFACES: Final[dict[str, Callable[[Codec, bytes, int], list[Outcome]]]] = {
    "bytes": check_bytes,
    "text": check_text,
    "array": check_array,
    "lines": check_lines,
    "stream": check_stream,
    "date": check_date,
}


def text_of(data: bytes) -> str:
    """Return any bytes as text, including surrogates."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def attempt(read: Callable[[], T]) -> T | DecodeError:
    """Return the result, or the DecodeError."""
    try:
        return read()
    except DecodeError as error:
        return error


def exact(result: object) -> object:
    """Return a result for an exact comparison, in which 0 differs from -0 and UTC from a zone."""
    if isinstance(result, DecodeError):
        return result.problems, result.line
    if isinstance(result, list):
        return [exact(item) for item in cast("list[object]", result)]
    return fields(cast("JobStatus", result))


def outcomes(result: Read | list[JobStatus]) -> list[Outcome]:
    """Return the repr of each job, or the place and the code of each problem."""
    if isinstance(result, DecodeError):
        line = () if result.line is None else (result.line,)
        return [(*line, problem.pointer, problem.code) for problem in result.problems]
    jobs = result if isinstance(result, list) else [result]
    return [repr(attrs.evolve(job, extra=None)) for job in jobs]


def read_alike(codec: Codec, document: bytes | str) -> list[Outcome]:
    """Read a document by the slow path, and check that the fast path agrees."""
    slow = attempt(lambda: read_document_slowly(codec, document))
    check_fast(codec, document, slow)
    if isinstance(slow, DecodeError):
        check_error(slow)
    else:
        check_written(codec, slow)
        check_extra(codec, document, slow)
    result = outcomes(slow)
    check_by_json(codec, document, result)
    return result


def check_extra(codec: Codec, document: bytes | str, job: JobStatus) -> None:
    """Check that the members that the interface lacks are written as in the document, or dropped.

    The literals of numbers are compared, and after them the values of strings.
    """
    members: dict[str, Any] = json.loads(document, parse_int=str.encode, parse_float=str.encode)
    others = {key: value for key, value in members.items() if key not in KEYS}
    written: dict[str, Any] = json.loads(
        job.to_json(), parse_int=str.encode, parse_float=str.encode
    )
    found = {key: value for key, value in written.items() if key not in KEYS}
    expected = others if codec.unknown_keys == "keep" else {}
    assert normal(found) == normal(expected)
    assert [*found] == [*normal(expected)]
    assert "\n" not in job.to_json()


def normal(value: Any) -> Any:
    """Return a value with the surrogate pairs of its strings joined."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        case dict():
            members = cast("dict[str, object]", value)
            return {normal(key): normal(member) for key, member in members.items()}
        case list():
            return [normal(item) for item in cast("list[object]", value)]
        case _:
            return value


def check_fast(codec: Codec, document: bytes | str, expected: Read) -> set[Parser]:
    """Check that the fast path falls back or returns exactly the value of the slow path.

    Return the parsers that did not fall back.
    """
    answered = set[Parser]()
    for name, fast in PARSERS.items():
        if (job := fast.decode(document, codec)) is not None:
            assert exact(job) == exact(expected)
            answered.add(name)
    assert exact(attempt(lambda: codec.decode(document))) == exact(expected)
    return answered


def read_document_slowly(codec: Codec, document: bytes | str) -> JobStatus:
    """Read a document without the fast path."""
    payload = _json.parse(document, codec.max_depth)
    return read_slowly(codec, payload, (_json.decode_utf8(document), 0))


def read_slowly(codec: Codec, payload: object, source: tuple[str, int] | None = None) -> JobStatus:
    """Read a payload by the checks that report problems, and check read_plain on it."""
    result = _payload.check(payload, codec, source=source)
    plain = _payload.read_plain(payload, codec)
    assert plain is None or exact(plain) == exact(result)
    if isinstance(result, list):
        raise DecodeError(cast("list[Problem]", result))
    job: JobStatus = result
    return job


def read_items(codec: Codec, data: bytes) -> list[JobStatus]:
    """Read an array without the fast path."""
    items = _json.parse(data, codec.max_depth)
    if not isinstance(items, list):
        message = f"payload: expected an array, got {excerpt(items)}"
        raise DecodeError([Problem("", "wrong_type", message)])
    jobs, problems = list[JobStatus](), list[Problem]()
    text = _json.decode_utf8(data)
    begins = [begin for _, begin in _json.parse_items(text, codec.max_depth)]
    for index, item in enumerate(cast("list[object]", items)):
        result = attempt(partial(read_slowly, codec, item, (text, begins[index])))
        if isinstance(result, DecodeError):
            problems += [problem.below(f"/{index}") for problem in result.problems]
        else:
            jobs.append(result)
    if problems:
        raise DecodeError(problems)
    return jobs


def read_line(codec: Codec, number: int, line: bytes) -> JobStatus:
    """Read a line, and give an error its line number."""
    try:
        return codec.decode(line)
    except DecodeError as error:
        raise DecodeError(error.problems, number) from None


def cut(codec: Codec, data: bytes, chunk: int) -> list[Located]:
    """Return the documents of a stream."""
    with patch.object(_stream, "CHUNK", chunk):
        return [*_stream.read_located(stream_of(data, chunk), codec)]


def exact_document(document: Located, shift: int = 0) -> object:
    """Return a document without surrounding blanks: some are lost between chunks."""
    line, pointer, data, result = document
    codes = [(problem.pointer, problem.code) for problem in getattr(result, "problems", ())]
    return line - shift, pointer, data.strip(BLANK), codes or exact(result)


def malformed_codes(result: Read) -> set[str]:
    """Return the codes that say that a document is not JSON."""
    return MALFORMED.intersection(problem.code for problem in getattr(result, "problems", ()))


def is_fault(document: Located) -> bool:
    """Return whether a document stands for a problem of the array itself."""
    result = document[3]
    return isinstance(result, DecodeError) and result.line is not None


def outcome_of(document: Located) -> Outcome:
    """Return the place where a document begins, and the code of a problem of the array."""
    line, pointer, _, result = document
    if not is_fault(document):
        return line, pointer
    assert isinstance(result, DecodeError)
    check_error(result)
    ((number, where, code),) = cast("list[tuple[int, str, str]]", outcomes(result))
    assert (number, where, code) == (line, pointer, "invalid_json") == (line, "", code)
    return line, pointer, code


def check_written(codec: Codec, job: JobStatus) -> None:
    """Check that each parser writes a job as ECMA-262 says, and reads it back."""
    plain = attrs.evolve(job, extra=None)
    text = stringify(plain)
    payload = plain.to_payload()
    assert json.loads(text) == payload
    assert exact(codec.from_payload(payload)) == exact(plain)
    for name in PARSERS:
        with parsing_with(name):
            assert plain.to_json() == text
            assert job.to_json().startswith(text[:-1])
            assert codec.encode_array([job]) == b"[%b]" % codec.encode(job)
            assert exact(codec.decode(codec.encode(job))) == exact(job)


def check_error(error: DecodeError) -> None:
    """Check that an error is short, printable, picklable, and valid problem details."""
    assert error.problems
    for problem in error.problems:
        check_message(problem.message)
    assert len(str(error)) < MAX_ERROR
    assert str(error).isprintable()
    assert exact(pickle.loads(pickle.dumps(error))) == exact(error)
    details = error.to_problem_details()
    json.dumps(details, allow_nan=False)
    is_json = MALFORMED.isdisjoint(problem.code for problem in error.problems)
    assert details["status"] == (422 if is_json else 400)
    assert len(details["errors"]) == min(len(error.problems), MAX_ITEMS)
    assert all(item["pointer"].isascii() for item in details["errors"])


def check_message(message: str) -> None:
    """Check that a message is short and on one line."""
    assert len(message) < MAX_MESSAGE
    assert message.isprintable()


def check_by_json(
    codec: Codec, document: bytes | str, result: list[Outcome], *, is_array: bool = False
) -> None:
    """Check that the outcomes follow from the value that json.loads returns."""
    if result == [("", "too_deep")]:
        # The document need not be valid JSON: the depth is checked first.
        text = document if isinstance(document, str) else document.decode()
        assert text.count("[") + text.count("{") > codec.max_depth
    else:
        assert result == expected_outcomes(codec, document, is_array=is_array)


def expected_outcomes(codec: Codec, document: bytes | str, *, is_array: bool) -> list[Outcome]:
    """Return the outcomes of a document, derived from the contract a second time."""
    try:
        value = parse_strictly(document)
    except UnicodeDecodeError:
        return [("", "invalid_utf8")]
    except ValueError:
        return [("", "invalid_json")]
    assert depth(document) <= codec.max_depth
    if not is_array:
        return expected_object_outcomes(codec, value)
    if not isinstance(value, list):
        return [("", "wrong_type")]
    items = enumerate(cast("list[object]", value))
    parts = [part for at, item in items for part in expected_object_outcomes(codec, item, f"/{at}")]
    return [part for part in parts if isinstance(part, tuple)] or parts


def expected_object_outcomes(codec: Codec, value: object, pointer: str = "") -> list[Outcome]:
    """Return the outcomes of a value that should be an object."""
    if not isinstance(value, dict):
        return [(pointer, "wrong_type")]
    members = cast("dict[str, Any]", value)
    wrong = [(key, code_of_member(codec, key, members)) for key in dict.fromkeys((*KEYS, *members))]
    if any(code for _, code in wrong):
        return [(pointer + pointer_to(key), code) for key, code in wrong if code]
    estimate, progress = members.get("estimatedCompletion"), members.get("progress")
    job = JobStatus(
        members["id"] if isinstance(members["id"], str) else f"{members['id'] + 0.0:.0f}",
        cast("JobState", dict(codec.states).get(members["status"], members["status"])),
        progress=None if progress is None else float(progress),
        estimated_completion=None if estimate is None else read_date(codec, estimate),
        error=members.get("error"),
    )
    return outcomes(job)


def check_items(codec: Codec, data: bytes, documents: list[Located]) -> None:
    """Check that an array's items are the bytes between its commas, and json's values."""
    end, items = data.index(b"["), [*takewhile(lambda document: document[1], documents)]
    for index, (number, pointer, text, result) in enumerate(items):
        begin = data.index(text, end + data.startswith(b"," if index else b"[", end))
        between = data[end:begin].strip(BLANK)
        # If a comma is missing, a bracket at the beginning of a line starts the next item.
        assert between == (b"," if index else b"[") or text.lstrip(BLANK)[:1] in b"[{"
        end = begin + len(text)
        assert number == data[: end - len(text.lstrip(BLANK))].count(b"\n") + 1
        assert pointer == f"/{index}"
        # The array counts as a level.
        array = attempt(partial(codec.decode_array, b"[%b]" % text))
        is_deep = outcomes(array) == [("", "too_deep")]
        assert exact(result) == exact(array if is_deep else attempt(partial(codec.decode, text)))
    closing = data[end + (not items) :].lstrip(BLANK)
    following = closing.partition(b"\n")[2] if closing.startswith(b"]") else b""
    after = cut(codec, following, len(data) + 1)
    check_cuts(codec, following, after) if after else None
    shift = data.count(b"\n") - following.count(b"\n")
    others = [exact_document(document, shift) for document in documents[len(items) :]]
    faults, others = others[: len(others) - len(after)], others[len(others) - len(after) :]
    assert others == [exact_document(document) for document in after]
    assert all(map(is_fault, documents[len(items) :][: len(faults)]))
    value = parse_or_nothing(data)
    if value is NOTHING:
        assert faults or any(malformed_codes(result) for *_, result in items)
    else:
        assert value == [parse_or_nothing(text) for _, _, text, _ in items]
        assert not faults


def check_records(data: bytes, documents: list[Located]) -> None:
    """Check that the documents are the bytes between the separators (RFC 7464)."""
    line, expected = 1, list[tuple[int, bytes]]()
    for record in data.split(b"\x1e"):
        blank = record[: len(record) - len(record.lstrip(BLANK))]
        expected.append((line + blank.count(b"\n"), record))
        line += record.count(b"\n")
    assert [(line, text) for line, _, text, _ in documents] == [
        place for place in expected[1:] if place[1]
    ]


def check_values(codec: Codec, data: bytes, documents: list[Located]) -> None:
    """Check that each document is a value that json finds, or at least one whole line."""
    position = 0
    for line, _, text, result in documents:
        position = len(data) - len(data[position:].lstrip(BLANK))
        assert line == data.count(b"\n", 0, position) + 1
        rest = data[position:].partition(b"\n")[0]
        value = value_at_start(codec, data[position:])
        if value is None:
            assert isinstance(result, DecodeError)
            assert data[position:].startswith(text.strip(BLANK))
            assert text.strip(BLANK).startswith(rest.strip(BLANK))
            position += len(rest)
        else:
            assert text.strip(BLANK) == value
            position += len(value)
    assert not data[position:].strip(BLANK)


def value_at_start(codec: Codec, data: bytes) -> bytes | None:
    """Return the array or object that bytes begin with; None if damaged or too deep."""
    if not data.startswith((b"[", b"{")):
        return None
    text = data.decode(errors="surrogateescape")
    try:
        _, end = json.JSONDecoder(parse_constant=reject_constant, parse_int=float).raw_decode(text)
    except ValueError:
        return None
    return (
        None if depth(text[:end]) > codec.max_depth else text[:end].encode(errors="surrogateescape")
    )


def parse_or_nothing(data: bytes) -> object:
    """Return the value that json finds in bytes, or NOTHING."""
    try:
        return parse_strictly(data)
    except (ValueError, RecursionError):
        return NOTHING


def parse_strictly(document: bytes | str) -> object:
    """Parse as strictly as RFC 8259, or raise ValueError."""
    text = document if isinstance(document, str) else document.decode()
    return json.loads(text, parse_constant=reject_constant, parse_int=float)


def reject_constant(name: str) -> NoReturn:
    """Reject NaN and the infinities, which are not JSON."""
    raise ValueError(name)


def depth(document: bytes | str) -> int:
    """Return the depth of arrays and objects, including values of duplicate keys."""
    value = json.loads(document, object_pairs_hook=values_of, parse_int=float)
    levels, nests = 0, list[list[Any]]([[value]])
    while nests := [item for nest in nests for item in nest if type(item) is list]:
        levels += 1
    return levels


def values_of(members: list[tuple[str, Any]]) -> list[Any]:
    """Return the values of an object, including those of duplicate keys."""
    return [value for _, value in members]


def code_of_number(codec: Codec, key: str, value: object) -> str | None:
    """Return the code of a number that only an option reads, or None for other values."""
    valid = None
    match key, value:
        case "id", float(number) if codec.ids == "number":
            valid = number.is_integer() and abs(number) <= MAX_SAFE
        case "progress", str(text) if codec.numbers == "text" and is_number(text):
            valid = 0 <= float(text) <= 100
        case "estimatedCompletion", float(number) if codec.dates == "milliseconds":
            valid = FIRST - 1 < number < LAST + 1
        case _:
            return None
    return "" if valid else "out_of_range"


def code_of_member(codec: Codec, key: str, members: dict[str, Any]) -> str:
    """Return the code of the problem with a member, or an empty string."""
    if (code := code_of_number(codec, key, members.get(key))) is not None:
        return code
    code = ""
    match key, members.get(key, NOTHING):
        case "id" | "status", value if value is NOTHING:
            code = "missing"
        case "progress" | "estimatedCompletion" | "error", value if value is NOTHING:
            pass
        case "id" | "error", str():
            pass
        case "status", str(name):
            code = "" if name in [*JobState, *dict(codec.states)] else "unknown_state"
        case "progress", float(number):
            code = "" if 0 <= number <= 100 else "out_of_range"
        case "estimatedCompletion", str(text):
            code = getattr(attempt_date(partial(read_date, codec), text), "code", "")
        case "progress" | "estimatedCompletion" | "error", None:
            code = "" if codec.null == "absent" else "null"
        case "id" | "status" | "progress" | "estimatedCompletion" | "error", _:
            code = "wrong_type"
        case _:
            code = "unknown_key" if codec.unknown_keys == "reject" else ""
    return code


def pointer_to(key: str) -> str:
    """Return the JSON Pointer of a member, or of its object if the key is too long."""
    if len(printable(key)) > MAX_KEY:
        return ""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def is_number(text: str) -> bool:
    """Return whether text is one JSON number."""
    try:
        value = parse_strictly(text)
    except ValueError:
        return False
    return (
        type(value) is float and not text.startswith(tuple(" \t\r\n")) and text[-1] in "0123456789"
    )


def read_date(codec: Codec, value: Any) -> datetime:
    """Return the instant of a date under a policy, or raise InvalidValueError."""
    if isinstance(value, float):
        # Going through the year 2000, because the result may have the first or the last year.
        return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value) - YEAR_2000)
    if codec.dates == "ecmascript":
        return parse_date(value)
    if codec.dates != "iso8601":
        date = attempt_date(parse_date, value)
        if isinstance(date, datetime):
            return date
        if date.code != "invalid_date":
            raise date
    return parse_iso8601_date(value)


def attempt_date(read: Callable[[str], datetime], text: str) -> datetime | InvalidValueError:
    """Return the instant of a date string, or the error."""
    try:
        return read(text)
    except InvalidValueError as error:
        return error


def check_moment(moment: datetime) -> None:
    """Check that an instant is normalised, and survives ECMA-262's format."""
    assert repr(normalize_date(moment)) == repr(moment)
    written = format_date(moment)
    assert written == to_iso_string(moment)
    assert repr(parse_date(written)) == repr(parse_iso8601_date(written)) == repr(moment)


def in_full(text: str) -> str:
    """Return a date in ECMA-262's format with its optional parts, except the seconds."""
    day, _, time = text.removeprefix("+00").partition("T")
    return f"{day}{'-01' * (2 - day.count('-'))}T{time or '00:00Z'}"


def outcome_of_date(moment: datetime | InvalidValueError) -> str:
    """Return the instant, or the code of the error."""
    return moment.code if isinstance(moment, InvalidValueError) else format_date(moment)
