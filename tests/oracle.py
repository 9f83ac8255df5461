"""What holds of any bytes, whatever reads them: the judge of the fuzzer and of its corpus.

A check asserts what must hold of bytes under a policy, and returns what came of them.
"""

from __future__ import annotations

import json
import pickle
from ast import literal_eval
from collections.abc import Callable
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, TypeVar, cast

from jobstatus import (
    Codec,
    DecodeError,
    InvalidValueError,
    JobState,
    JobStatus,
    Problem,
    _json,
)
from jobstatus._documents import LocatedDocument, split
from jobstatus._foreign import excerpt, printable
from jobstatus._payload import structurer
from jobstatus.dates import format_date, normalize_date, parse_date, parse_iso8601_date
from tests.laws.ecmascript import stringify, to_iso_string
from tests.parsers import PARSERS, parsing_with
from tests.streams import stream_of

T = TypeVar("T")
Read: TypeAlias = JobStatus | DecodeError
Outcome: TypeAlias = str | tuple[int | str, ...]

CORPUS: Final = Path(__file__).parent / "corpus.txt"
BLANK: Final = b" \t\r\n"
LONGEST_MESSAGE: Final = 220
LONGEST_ERROR: Final = 2000
LONGEST_KEY: Final = 80
MOST_ITEMS: Final = 100
MALFORMED: Final = {"invalid_utf8", "invalid_json", "too_deep"}
KEYS: Final = ("id", "status", "progress", "estimatedCompletion", "error")
OPTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "null": ("reject", "absent"),
    "unknown_keys": ("ignore", "reject"),
    "dates": ("ecmascript", "iso8601"),
    "max_depth": (64, 1, 2, 500),
    "chunk": (1 << 16, 1, 2, 3, 5, 8, 13, 21),
}
"""The first of each is the default. One byte tells all five."""
NOTHING: Final = object()


class Case(NamedTuple):
    """Bytes, what reads them, and how.

    Attributes:
        surface: One of `SURFACES`.
        options: Those of `OPTIONS` that are not the default: a Codec's, and how many bytes a stream
            gives at a time.
        data: The bytes.
    """

    surface: str
    options: dict[str, Any]
    data: bytes

    @classmethod
    def from_input(cls, given: bytes) -> Case:
        """Return what a fuzzer's input stands for: a byte for the surface, one for the options."""
        surface, number = given[:2].ljust(2, b"\0")
        options: dict[str, Any] = {}
        for name, values in OPTIONS.items():
            number, chosen = divmod(number, len(values))
            options |= {name: values[chosen]} if chosen else {}
        return cls([*SURFACES][surface % len(SURFACES)], options, given[2:])

    def to_input(self) -> bytes:
        """Return the input that stands for this case."""
        number = 0
        for name, values in reversed(OPTIONS.items()):
            number = number * len(values) + values.index(self.options.get(name, values[0]))
        return bytes([[*SURFACES].index(self.surface), number]) + self.data

    def check(self) -> list[Outcome]:
        """Assert what must hold, and return what came of the bytes."""
        options = {name: values[0] for name, values in OPTIONS.items()} | self.options
        chunk: int = options.pop("chunk")
        return SURFACES[self.surface](Codec(**options), self.data, chunk)


def corpus() -> list[tuple[Case, list[Outcome]]]:
    """Return the cases that are kept, each with what comes of it."""
    lines = CORPUS.read_text(encoding="ascii").splitlines()
    rows = [literal_eval(line) for line in lines if not line.startswith("#")]
    return [(Case(*row[:3]), row[3]) for row in rows]


def check_bytes(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Bytes are UTF-8, and read as their text is."""
    result = read_alike(codec, data)
    if result != [("", "invalid_utf8")]:
        text = data.decode()
        assert told(attempt(lambda: codec.decode(text))) == told(
            attempt(lambda: codec.decode(data))
        )
    return result


def check_text(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """Text may hold surrogates too."""
    return read_alike(codec, text_of(data))


def check_array(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """An array is what its items are, whatever parses it."""
    careful = attempt(lambda: read_items(codec, data))
    for name in PARSERS:
        with parsing_with(name):
            assert told(attempt(lambda: codec.decode_array(data))) == told(careful)
    if isinstance(careful, DecodeError):
        check_error(careful)
    else:
        assert told(codec.decode_array(codec.encode_array(careful))) == told(careful)
    result = came(careful)
    check_by_json(codec, data, result, is_array=True)
    return result


def check_lines(codec: Codec, data: bytes, chunk: int) -> list[Outcome]:
    """A line is read as a document of its own, and has its number."""
    expected = [
        attempt(partial(read_line, codec, number, line))
        for number, line in enumerate(BytesIO(data), start=1)
        if line.strip(BLANK)
    ]
    results = [*codec.decode_lines(stream_of(data, chunk), errors="yield")]
    assert told(results) == told(expected)
    errors = [result for result in results if isinstance(result, DecodeError)]
    for error in errors:
        check_error(error)
    first = attempt(lambda: [*codec.decode_lines(BytesIO(data))])
    assert told(first) == told(errors[0] if errors else expected)
    return [part for result in results for part in came(result)]


def check_stream(codec: Codec, data: bytes, chunk: int) -> list[Outcome]:
    """A stream is cut into its documents, wherever its chunks end; nothing is lost."""
    documents, line = cut(codec, data, chunk)
    assert (documents, line) == cut(codec, data, len(data) + 1)
    is_array = data.lstrip(BLANK).startswith(b"[")
    end = data.index(b"[") if is_array else 0
    for index, document in enumerate(documents):
        begin = data.index(document.data, end + is_array)
        assert data[end:begin].strip(BLANK) == (b"," if index else b"[") * is_array
        end = begin + len(document.data)
        begin = end - len(document.data.lstrip(BLANK))
        assert document.line == data[:begin].count(b"\n") + 1
        assert document.pointer == f"/{index}" * is_array
    cuts = [document.data.strip(BLANK) for document in documents]
    check_cuts_by_json(codec, data, cuts, is_array=is_array)
    places = list[Outcome](document[:2] for document in documents)
    if line is None:
        assert b"".join(data[end:].split()) == (b"]" if documents else b"[]") * is_array
        return places
    assert is_array
    assert line <= data.count(b"\n") + 1
    return [*places, (line, "", "invalid_json")]


def check_date(codec: Codec, data: bytes, _chunk: int) -> list[Outcome]:
    """A string is an instant or refused, by either reader, and never two instants."""
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
        # isoparse passes the last day by 24:00 before it takes the offset off.
        assert in_iso8601 == date or came_of_date(in_iso8601) == "out_of_range"
    read_alike(codec, json.dumps({"id": "a", "status": "queued", "estimatedCompletion": text}))
    # What isoparse reads is its own affair, and changes.
    return [came_of_date(date)]


SURFACES: Final[dict[str, Callable[[Codec, bytes, int], list[Outcome]]]] = {
    "bytes": check_bytes,
    "text": check_text,
    "array": check_array,
    "lines": check_lines,
    "stream": check_stream,
    "date": check_date,
}


def text_of(data: bytes) -> str:
    """Return any bytes as text, surrogates included."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def attempt(read: Callable[[], T]) -> T | DecodeError:
    """Return what is read, or why it is not."""
    try:
        return read()
    except DecodeError as error:
        return error


def told(result: object) -> object:
    """Return what was read, so exactly that 0 is not -0 and UTC is no other zone."""
    if isinstance(result, DecodeError):
        return result.problems, result.line
    if isinstance(result, list):
        return [told(item) for item in cast("list[object]", result)]
    job = cast("JobStatus", result)
    values = (job.id, job.status, job.progress, job.estimated_completion, job.error)
    return [(type(value).__name__, repr(value)) for value in values]


def came(result: Read | list[JobStatus]) -> list[Outcome]:
    """Return the jobs, or where what is wrong."""
    if isinstance(result, DecodeError):
        line = () if result.line is None else (result.line,)
        return [(*line, problem.pointer, problem.code) for problem in result.problems]
    return [*map(repr, result if isinstance(result, list) else [result])]


def read_alike(codec: Codec, document: bytes | str) -> list[Outcome]:
    """Read a document carefully, and see that all parsers read it so."""
    careful = attempt(lambda: read_carefully(codec, _json.parse(document, codec.max_depth)))
    for name in PARSERS:
        with parsing_with(name):
            assert told(attempt(lambda: codec.decode(document))) == told(careful)
    if isinstance(careful, DecodeError):
        check_error(careful)
    else:
        check_written(codec, careful)
    result = came(careful)
    check_by_json(codec, document, result)
    return result


def read_carefully(codec: Codec, payload: object) -> JobStatus:
    """Read a payload without the fast path."""
    return structurer(codec.null, codec.unknown_keys, codec.dates)(payload)


def read_items(codec: Codec, data: bytes) -> list[JobStatus]:
    """Read an array without the fast path."""
    items = _json.parse(data, codec.max_depth)
    if not isinstance(items, list):
        message = f"payload: expected an array, got {excerpt(items)}"
        raise DecodeError([Problem("", "wrong_type", message)])
    jobs, problems = list[JobStatus](), list[Problem]()
    for index, item in enumerate(cast("list[object]", items)):
        result = attempt(partial(read_carefully, codec, item))
        if isinstance(result, DecodeError):
            problems += [problem.below(f"/{index}") for problem in result.problems]
        else:
            jobs.append(result)
    if problems:
        raise DecodeError(problems)
    return jobs


def read_line(codec: Codec, number: int, line: bytes) -> JobStatus:
    """Read a line that has a number."""
    try:
        return codec.decode(line)
    except DecodeError as error:
        raise DecodeError(error.problems, number) from None


def cut(codec: Codec, data: bytes, chunk: int) -> tuple[list[LocatedDocument], int | None]:
    """Return the documents of a stream, and the line where it ends too soon or too late."""
    documents = list[LocatedDocument]()
    try:
        documents.extend(split(stream_of(data, chunk), codec.max_depth))
    except DecodeError as error:
        check_error(error)
        assert came(error) == [(error.line, "", "invalid_json")]
        return documents, error.line
    return documents, None


def check_written(codec: Codec, job: JobStatus) -> None:
    """A job is written as ECMA-262 says, and read back, whatever parses it."""
    data = codec.encode(job)
    assert data.decode() == job.to_json() == stringify(job)
    payload = job.to_payload()
    assert json.loads(data) == payload
    assert told(codec.from_payload(payload)) == told(job)
    for name in PARSERS:
        with parsing_with(name):
            assert told(codec.decode(data)) == told(job)


def check_error(error: DecodeError) -> None:
    """An error is short, on one line, survives a pickle, and is a body for the web."""
    assert error.problems
    for problem in error.problems:
        check_message(problem.message)
    assert len(str(error)) < LONGEST_ERROR
    assert str(error).isprintable()
    assert told(pickle.loads(pickle.dumps(error))) == told(error)
    details = error.to_problem_details()
    json.dumps(details, allow_nan=False)
    is_json = MALFORMED.isdisjoint(problem.code for problem in error.problems)
    assert details["status"] == (422 if is_json else 400)
    assert len(details["errors"]) == min(len(error.problems), MOST_ITEMS)
    assert all(item["pointer"].isascii() for item in details["errors"])


def check_message(message: str) -> None:
    """A message is short, and on one line."""
    assert len(message) < LONGEST_MESSAGE
    assert message.isprintable()


def check_by_json(
    codec: Codec, document: bytes | str, result: list[Outcome], *, is_array: bool = False
) -> None:
    """What comes of a document follows from what json finds in it."""
    if result == [("", "too_deep")]:
        # Whether it is JSON at all is not asked.
        text = document if isinstance(document, str) else document.decode()
        assert text.count("[") + text.count("{") > codec.max_depth
    else:
        assert result == by_contract(codec, document, is_array=is_array)


def by_contract(codec: Codec, document: bytes | str, *, is_array: bool) -> list[Outcome]:
    """Return what comes of a document, stated once more."""
    try:
        value = by_json(document)
    except UnicodeDecodeError:
        return [("", "invalid_utf8")]
    except ValueError:
        return [("", "invalid_json")]
    assert depth(document) <= codec.max_depth
    if not is_array:
        return object_by_contract(codec, value)
    if not isinstance(value, list):
        return [("", "wrong_type")]
    items = enumerate(cast("list[object]", value))
    outcomes = [part for at, item in items for part in object_by_contract(codec, item, f"/{at}")]
    return [part for part in outcomes if isinstance(part, tuple)] or outcomes


def object_by_contract(codec: Codec, value: object, pointer: str = "") -> list[Outcome]:
    """Return what comes of a value that should be an object."""
    if not isinstance(value, dict):
        return [(pointer, "wrong_type")]
    members = cast("dict[str, Any]", value)
    wrong = [(key, fault(codec, key, members)) for key in dict.fromkeys((*KEYS, *members))]
    if any(code for _, code in wrong):
        return [(pointer + pointer_to(key), code) for key, code in wrong if code]
    estimate = members.get("estimatedCompletion")
    job = JobStatus(
        members["id"],
        members["status"],
        progress=members.get("progress"),
        estimated_completion=None if estimate is None else reader(codec)(estimate),
        error=members.get("error"),
    )
    return came(job)


def check_cuts_by_json(codec: Codec, data: bytes, cuts: list[bytes], *, is_array: bool) -> None:
    """What is JSON, as a whole or on its first line, is cut where json finds its documents."""
    lines = [line.strip(BLANK) for line in data.split(b"\n") if line.strip(BLANK)]
    if is_array:
        assert attempt_json(data) in (NOTHING, [attempt_json(cut) for cut in cuts])
    elif is_document(codec, data):
        assert cuts == [data.strip(BLANK)]
    elif lines and is_document(codec, lines[0]):
        assert cuts == lines


def attempt_json(data: bytes) -> object:
    """Return what json finds in bytes, or that it finds nothing."""
    try:
        return by_json(data)
    except (ValueError, RecursionError):
        return NOTHING


def is_document(codec: Codec, data: bytes) -> bool:
    """Tell whether bytes are JSON that is no deeper than a policy allows."""
    return attempt_json(data) is not NOTHING and depth(data) <= codec.max_depth


def by_json(document: bytes | str) -> object:
    """Return what json finds where it is as strict as RFC 8259, or raise ValueError."""
    text = document if isinstance(document, str) else document.decode()
    return json.loads(text, parse_constant=refuse, parse_int=float)


def refuse(name: str) -> NoReturn:
    """Refuse a number that is none in JSON."""
    raise ValueError(name)


def depth(document: bytes | str) -> int:
    """Return how many levels of arrays and objects JSON has, those of values that are lost too."""
    value = json.loads(document, object_pairs_hook=values_of, parse_int=float)
    levels, nests = 0, list[list[Any]]([[value]])
    while nests := [item for nest in nests for item in nest if type(item) is list]:
        levels += 1
    return levels


def values_of(members: list[tuple[str, Any]]) -> list[Any]:
    """Return the values of an object, those of duplicate keys too."""
    return [value for _, value in members]


def fault(codec: Codec, key: str, members: dict[str, Any]) -> str:
    """Return the code of what is wrong with a member, if anything is."""
    code = ""
    match key, members.get(key, NOTHING):
        case "id" | "status", value if value is NOTHING:
            code = "missing"
        case "progress" | "estimatedCompletion" | "error", value if value is NOTHING:
            pass
        case "id" | "error", str():
            pass
        case "status", str(name):
            code = "" if name in [*JobState] else "unknown_state"
        case "progress", float(number):
            code = "" if 0 <= number <= 100 else "out_of_range"
        case "estimatedCompletion", str(text):
            code = getattr(attempt_date(reader(codec), text), "code", "")
        case "progress" | "estimatedCompletion" | "error", None:
            code = "" if codec.null == "absent" else "null"
        case "id" | "status" | "progress" | "estimatedCompletion" | "error", _:
            code = "wrong_type"
        case _:
            code = "" if codec.unknown_keys == "ignore" else "unknown_key"
    return code


def pointer_to(key: str) -> str:
    """Return the JSON Pointer of a member, or of its object where it is too long to be quoted."""
    if len(printable(key)) > LONGEST_KEY:
        return ""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def reader(codec: Codec) -> Callable[[str], datetime]:
    """Return what reads dates under a policy."""
    return parse_date if codec.dates == "ecmascript" else parse_iso8601_date


def attempt_date(read: Callable[[str], datetime], text: str) -> datetime | InvalidValueError:
    """Return the instant that a string means, or why it means none."""
    try:
        return read(text)
    except InvalidValueError as error:
        return error


def check_moment(moment: datetime) -> None:
    """An instant is normal, and comes back from what ECMA-262 writes for it."""
    assert repr(normalize_date(moment)) == repr(moment)
    written = format_date(moment)
    assert written == to_iso_string(moment)
    assert repr(parse_date(written)) == repr(parse_iso8601_date(written)) == repr(moment)


def in_full(text: str) -> str:
    """Return a date in ECMA-262's format with all that it may leave out but seconds."""
    day, _, time = text.removeprefix("+00").partition("T")
    return f"{day}{'-01' * (2 - day.count('-'))}T{time or '00:00Z'}"


def came_of_date(moment: datetime | InvalidValueError) -> str:
    """Return the instant, or the code of what is wrong."""
    return moment.code if isinstance(moment, InvalidValueError) else format_date(moment)
