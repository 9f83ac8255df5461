"""The fast path without msgspec: a regular expression for the layout that V8 writes.

In the layout of ``JSON.stringify``, a document has no unknown keys and no nulls. It has escapes
only in its error, and only one format for dates and for numbers. It reads the same under every
policy.

Comments say how many microseconds a trick saves for one typical message on CPython 3.11. Run
``python -m benchmarks.tricks`` to measure again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from jobstatus._fields import KEYS, Job, build
from jobstatus._states import BY_NAME, JobState
from jobstatus._untrusted import as_bytes
from jobstatus._wire._json import BLANK_BYTES, ESCAPED, NUMBER, scan_string
from jobstatus._wire._policy import Policy
from jobstatus._wire._slow import Decode, DecodeArray
from jobstatus.dates import read_isoformat
from jobstatus.validators import check_text

_START: Final = b'{"id"'
_COMMAS: Final = (b",", b", ")  # as V8 and as json.dumps write them
_PARTS: Final = 6  # of each item in re.split's result: the text before it and its five fields


# Matches unknown members whose value is a string without escapes, a number, true, false or null.
# Saves 0.6 µs over the slow path.
_CHARACTERS: Final = r'[^"\\\x00-\x1f]*+'
_STRING: Final = f'"{_CHARACTERS}"'
_UNKNOWN: Final = (
    rf'(?:, ?+(?!"(?:{"|".join(KEYS)})"){_STRING}: ?+(?:{_STRING}|{NUMBER}|true|false|null))*+'
)


def compile_layout(error: str, unknown: str = "") -> re.Pattern[bytes]:
    """Return the pattern of a document, with one group for each field.

    Args:
        error: The pattern of the error's text. It may also match invalid JSON strings.
        unknown: The pattern of the members after the error.
    """
    # (?:X|) saves 0.1 µs over (?:X)?, and (?:X)?+ can match wrongly before CPython 3.11.5
    # (gh-106052). " ?+" allows the spaces that json.dumps writes. The pattern of progress matches
    # only numbers from 0 to 100.
    names = "|".join(JobState)
    date = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
    members = (
        rf'"id": ?+"({_CHARACTERS})"',
        rf', ?+"status": ?+"({names})"',
        r'(?:, ?+"progress": ?+([1-9]?[0-9](?:\.[0-9]++|)|100)|)',
        rf'(?:, ?+"estimatedCompletion": ?+"({date})"|)',
        rf'(?:, ?+"error": ?+"({error})"|)',
        unknown,
    )
    return re.compile(rf"\{{{''.join(members)}\}}[ \t\r\n]*+".encode(), re.DOTALL)


def make_decode(fall_back: Decode) -> Decode:
    """Return a function that reads documents in V8's layout and falls back for all others."""
    # Compiled with the first document, because compiling takes 2 ms.
    # For an error of 200 characters, ".*" saves 0.35 µs over a character set.
    match = compile_layout(".*").fullmatch
    # _CHARACTERS is possessive, because backtracking from the unknown members into the error would
    # take quadratic time.
    match_unknown = compile_layout(_CHARACTERS, _UNKNOWN).fullmatch

    def decode(data: Any, policy: Policy) -> Job:
        try:
            # _encode rejects other buffers, which re would accept. Not calling it for bytes is
            # faster.
            raw = data if type(data) is bytes else _encode(data)
            found = match(raw)
            if found is None and raw.startswith(_START) and policy.unknown_keys == "ignore":
                # Unknown members are never decoded, so only ASCII is sure to be valid UTF-8.
                found = match_unknown(raw) if raw.isascii() else None
            if found is not None:
                return _build(*found.groups())
        except Exception:  # noqa: BLE001, S110 - the slow path reports it
            pass
        return fall_back(data, policy)

    return decode


def make_decode_array(fall_back: DecodeArray) -> DecodeArray:
    """Return a function that reads arrays in V8's layout and falls back for all others."""
    # Here the error ends at the first quote without a backslash before it. Possessive, because re
    # keeps 75 bytes for each repetition that it could backtrack.
    split = compile_layout(r'[^"]*+(?:(?<=\\)"[^"]*+)*+').split

    def decode_array(data: Any, policy: Policy) -> list[Job]:
        try:
            parts = split(_encode(data))
            first, *between, last = parts[::_PARTS]
            if (
                first == b"["
                and last.rstrip(BLANK_BYTES) == b"]"
                and sum(map(between.count, _COMMAS)) == len(between)
                and policy.max_depth > 1
            ):
                return list(map(_build, *(parts[field::_PARTS] for field in range(1, _PARTS))))
        except Exception:  # noqa: BLE001, S110 - the slow path reports it
            pass
        return fall_back(data, policy)

    return decode_array


def _encode(data: Any) -> Any:
    """Return a document as bytes, or None for other objects."""
    return data.encode() if type(data) is str else as_bytes(data)


def _build(
    id: bytes, status: bytes, progress: bytes | None, estimate: bytes | None, error: bytes | None
) -> Job:
    return build(
        id.decode(),  # valid UTF-8 has no surrogates, so there are no pairs to join
        BY_NAME[status.decode()],
        None if progress is None else float(progress),
        # fromisoformat also reads other formats, but the pattern has excluded them. It saves 3 µs
        # over the regular expression in `dates`.
        None if estimate is None else read_isoformat(estimate.decode()),
        None if error is None else _text(error),
    )


def _text(raw: bytes) -> str:
    """Return the value of a JSON string, given the bytes between its quotes."""
    text = raw.decode()
    if raw.translate(ESCAPED).isascii():  # saves 0.35 µs over a search, for 200 bytes
        return text
    value, end = scan_string(text + '"', 0)
    if end <= len(text):
        raise ValueError  # an unescaped quote inside the string
    return str(check_text(value))
