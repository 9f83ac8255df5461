"""Read the headers in the arguments of ``jobstatus watch``, and the job in an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, cast, final
from urllib.parse import unquote

import attrs

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire import _json
from jobstatus.cli._reading import MISSING, resolve
from jobstatus.codec import Codec
from jobstatus.errors import DecodeError

MAX_HEADERS: Final = 1 << 16
"""The maximum size of a file of headers, in bytes."""
MAX_RETRY_AFTER: Final = 300.0
"""The maximum pause that a service can ask for, in seconds."""
_TOKENS: Final = 64
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~\w-]+):[ \t]*([ -~]*)", re.ASCII)
_VERSION: Final = re.compile(r'(?:W/)?("?)(\d{1,18})-([0-9a-f]{32})\1', re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,9}", re.ASCII)


class InvalidArgumentError(Exception):
    """An argument is invalid; the message says why, without quoting a secret."""


def parse_headers(arguments: Iterable[str]) -> list[tuple[str, str]]:
    """Return the headers of arguments such as ``NAME:VALUE`` and ``@FILE``.

    A file has a header on each line. No message quotes a header, because it may be a secret.
    """
    return [header for argument in arguments for header in _headers(argument)]


def _headers(argument: str) -> Iterator[tuple[str, str]]:
    lines = _read_lines(argument[1:]) if argument.startswith("@") else [argument]
    for number, line in enumerate(lines, start=1):
        if argument.startswith("@") and not line.strip():
            continue
        if (header := _HEADER.fullmatch(line.strip())) is None:
            where = f" on line {number} of the file" if argument.startswith("@") else ""
            raise InvalidArgumentError(f"expected NAME:VALUE in ASCII, or @FILE{where}")
        yield header[1], header[2]


def _read_lines(name: str) -> list[str]:
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_HEADERS + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise InvalidArgumentError(f"{excerpt(name)}: {reason}") from None
    if len(data) > MAX_HEADERS:
        raise InvalidArgumentError(f"{excerpt(name)}: expected at most {MAX_HEADERS:,} bytes")
    return data.decode("utf-8", "replace").splitlines()


@final
@attrs.frozen
class Reader:
    """Reads the job in an answer.

    Attributes:
        codec: The options for reading.
        pointer: The JSON Pointer (RFC 6901) of the job in the answer.
        id: The id that the job must have, if it is known.
        default_id: The id of a job without one.
    """

    codec: Codec
    pointer: str = ""
    id: str | None = None
    default_id: str | None = None

    def with_default_id(self, path: bytes) -> Reader:
        """Return a reader whose default id is the last segment of the path of a URL."""
        segments = [part for part in path.partition(b"?")[0].split(b"/") if part]
        return attrs.evolve(self, default_id=unquote(segments[-1].decode()) if segments else None)

    def read(self, document: bytes | str) -> JobStatus:
        """Return the job.

        Raises:
            DecodeError: With all problems found.
        """
        if not self.pointer:
            return self._read(lambda known: self.codec.decode(document, id=known))
        found = resolve(_json.parse(document, self.codec.max_depth), self.pointer)
        if found is MISSING:
            message = f"expected a value at {excerpt(self.pointer)}, got none"
            raise _json.malformed("missing", message)
        payload = cast("dict[str, object]", found)
        return self._read(lambda known: self.codec.from_payload(payload, id=known))

    def _read(self, decode: Callable[[str | None], JobStatus]) -> JobStatus:
        try:
            return decode(self.id)
        except DecodeError as error:
            lacks_id = any((p.pointer, p.code) == ("/id", "missing") for p in error.problems)
            if not lacks_id or self.default_id is None:
                raise
        return decode(self.default_id)


@final
@attrs.define
class Versions:
    """Turns the version of an answer into a number that grows.

    A version is ``<number>-<token>``. A job that was created again under the same id has another
    token, and starts with a low number again. Later tokens count as newer.
    """

    _ranks: dict[str, int] = attrs.field(init=False, factory=dict[str, int])
    _last_rank: int = attrs.field(init=False, default=0)

    def parse(self, text: str) -> int | None:
        """Return the version in an ETag or in the id of an event, or None for another text."""
        if (version := _VERSION.fullmatch(text)) is None:
            return None
        token = version[3]
        if token not in self._ranks:
            self._last_rank += 1
            self._ranks[token] = self._last_rank
            if len(self._ranks) > _TOKENS:
                del self._ranks[next(iter(self._ranks))]
        # Even, so that a number is free between two versions.
        return (self._ranks[token] * 10**18 + int(version[2])) * 2


def parse_retry_after(text: str) -> float:
    """Return the seconds of the header Retry-After (RFC 9110), or 0 for another text."""
    if _SECONDS.fullmatch(text):
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):  # TypeError: a date without an offset
            return 0.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
