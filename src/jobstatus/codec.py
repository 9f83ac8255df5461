"""Codec: the public entry points for reading and writing JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, final, overload

import attrs

from jobstatus import _wire
from jobstatus._status import JobStatus, is_job_status
from jobstatus._untrusted import excerpt
from jobstatus._wire import (
    Dates,
    Document,
    Ids,
    Null,
    Numbers,
    Payload,
    States,
    UnknownKeys,
    invalid_option,
)
from jobstatus.errors import DecodeError, require_job

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = [
    "TOLERANT",
    "Codec",
    "Dates",
    "Document",
    "Ids",
    "Null",
    "Numbers",
    "Payload",
    "States",
    "UnknownKeys",
]


@final
@attrs.frozen(kw_only=True, getstate_setstate=False)
class Codec(_wire.Policy):
    """Reads and writes JobStatus as JSON. A frozen, hashable, picklable value.

    The options affect reading only. A codec always writes the JSON that ``JSON.stringify`` writes,
    and after it the members that were kept.
    In pydantic, annotate a field as ``Annotated[JobStatus, Codec(...)]`` to read it with these
    options.

    Args:
        null: What to do with a ``null`` in an optional key: ``"reject"`` it, because the interface
            has no null; or read it as ``"absent"``.
        unknown_keys: What to do with keys that the interface does not have: ``"ignore"`` them,
            and don't write them again; ``"reject"`` them; or ``"keep"`` them as `JobStatus.extra`,
            and write them again as the JSON text that was read.
        ids: Read an id only as ``"text"``; or also as a ``"number"``, which becomes the string that
            JavaScript's ``String`` returns. The number must be an integer from -(2^53-1) to
            2^53-1: JSON parsers may have rounded a larger one.
        numbers: Read progress only as a ``"number"``; or also as ``"text"``, which database drivers
            return for NUMERIC columns. The text must be exactly one JSON number.
        dates: Read dates as ``"ecmascript"`` (`jobstatus.dates.parse_date`) or as ``"iso8601"``
            (`jobstatus.dates.parse_iso8601_date`). Each reads dates that the other rejects. For
            example, only ``"ecmascript"`` reads a date without a time. ``"any"`` reads both.
            ``"milliseconds"`` also reads a number of milliseconds since 1970. Don't use it for
            producers that send seconds, because both look alike.
        states: Other names of states, such as ``{"canceled": "cancelled", "done": "completed"}``.
            They are matched exactly. The attribute is a sorted tuple of pairs.
        max_depth: The maximum nesting depth of arrays and objects, from 1 to 500.
        max_problems: The number of problems after which reading stops, at least 1.
            `DecodeError.truncated` says whether it stopped.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an option is invalid.

    Example:
        >>> codec = Codec(null="absent")
        >>> codec.decode(b'{"id": "job-42", "status": "queued", "error": null}')
        JobStatus('job-42', 'queued')
    """

    def __init_subclass__(cls) -> None:
        raise TypeError("Codec is final: a subclass could read differently")

    def __attrs_pre_init__(self) -> None:
        kind: object = type(self)
        if kind is not Codec:  # a mixin swallowed __init_subclass__
            Codec.__init_subclass__()
        super().__attrs_pre_init__()

    def decode(self, data: Document, *, id: str | None = None) -> JobStatus:
        r"""Return the job in a JSON document.

        Args:
            data: The document as text, or as bytes in UTF-8.
            id: The id of the job, if it is known from elsewhere, such as from the URL. It is used
                if the document has none. A different id in the document is a problem with the code
                ``id_mismatch``.

        Raises:
            DecodeError: With all problems found.
            TypeError: If the document is not text or bytes, or if the id is not a string.

        Example:
            >>> try:
            ...     Codec().decode('{"status": "queued", "progress": 101}')
            ... except DecodeError as error:
            ...     print(*error.problems, sep="\n")
            id: required key is missing [missing]
            progress: expected a number from 0 to 100, got 101 [out_of_range]
        """
        job: JobStatus
        job = _wire.decode(data, self) if id is None else _wire.decode_slowly(data, self, id)
        return job

    def encode(self, job: JobStatus[Any]) -> bytes:
        """Return the JSON of a job in UTF-8, as ``JSON.stringify`` writes it.

        Raises:
            TypeError: If the argument is not a JobStatus.

        Example:
            >>> Codec().encode(JobStatus("job-42", "processing", progress=50.0))
            b'{"id":"job-42","status":"processing","progress":50}'
        """
        return _wire.write(require_job(job)).encode()

    def decode_array(self, data: Document) -> list[JobStatus]:
        """Return the jobs in a JSON array.

        Args:
            data: The document as text, or as bytes in UTF-8.

        Raises:
            DecodeError: With all problems found in all items; each pointer begins with the item's
                index.
            TypeError: If the document is not text or bytes.

        Example:
            >>> Codec().decode_array('[{"id": "a", "status": "queued"}]')
            [JobStatus('a', 'queued')]
        """
        jobs: list[JobStatus] = _wire.decode_array(data, self)
        return jobs

    def encode_array(self, jobs: Iterable[JobStatus[Any]]) -> bytes:
        """Return a JSON array of jobs in UTF-8, as ``JSON.stringify`` writes it.

        Raises:
            TypeError: If an item is not a JobStatus.

        Example:
            >>> Codec().encode_array([JobStatus.queued("a")])
            b'[{"id":"a","status":"queued"}]'
        """
        return _wire.write_array(jobs)

    @overload
    def decode_lines(
        self, lines: Iterable[Document], *, errors: Literal["raise"] = "raise"
    ) -> Iterator[JobStatus]: ...
    @overload
    def decode_lines(
        self, lines: Iterable[Document], *, errors: Literal["yield"]
    ) -> Iterator[JobStatus | DecodeError]: ...
    def decode_lines(
        self, lines: Iterable[Document], *, errors: Literal["raise", "yield"] = "raise"
    ) -> Iterator[JobStatus | DecodeError]:
        r"""Yield the job on each line of newline-delimited JSON (NDJSON), reading lazily.

        Blank lines are skipped, but count in line numbers.

        Args:
            lines: Any iterable of lines, such as a file opened in binary mode, but not a whole
                document.
            errors: ``"raise"`` the error of an invalid line and stop, or ``"yield"`` it in the
                job's place and continue.

        Yields:
            The jobs; with ``"yield"``, also the errors.

        Raises:
            DecodeError: With the problems of the first invalid line, and its number as `line`.
            InvalidValueError: With the code ``invalid_option`` if ``errors`` is invalid.
            TypeError: If a line is not text or bytes, or if the argument is a whole document.

        Example:
            >>> import io
            >>> file = io.BytesIO(b'{"id":"a","status":"queued"}\n{"status":"queued"}\n')
            >>> for result in Codec().decode_lines(file, errors="yield"):
            ...     print(result)
            JobStatus('a', 'queued')
            line 2: id: required key is missing [missing]
        """
        if errors not in ("raise", "yield"):
            raise invalid_option("errors", "'raise' or 'yield'", errors)
        if isinstance(lines, Document):
            raise TypeError(f"expected an iterable of lines, such as a file, got {excerpt(lines)}")
        return _wire.decode_lines(lines, self, yield_errors=errors == "yield")

    def encode_lines(self, jobs: Iterable[JobStatus[Any]]) -> Iterator[bytes]:
        r"""Yield each job as a line of newline-delimited JSON (NDJSON).

        Yields:
            The lines, each with its newline.

        Raises:
            TypeError: If an item is not a JobStatus.

        Example:
            >>> list(Codec().encode_lines([JobStatus.queued("a")]))
            [b'{"id":"a","status":"queued"}\n']
        """
        for job in jobs:
            yield f"{_wire.write(require_job(job))}\n".encode()

    def from_payload(self, payload: Mapping[str, object], *, id: str | None = None) -> JobStatus:
        """Return the job in a parsed JSON object.

        Args:
            payload: The object, as a JSON parser returns it.
            id: As in `decode`.

        Raises:
            DecodeError: With all problems found.
            TypeError: If the id is not a string.

        Example:
            >>> Codec().from_payload({"id": "job-42", "status": "queued", "progress": 0})
            JobStatus('job-42', 'queued', progress=0.0)
        """
        job: JobStatus = _wire.read_payload(payload, self, id)
        return job

    def to_payload(self, job: JobStatus[Any]) -> Payload:
        """Return a job as a dict with the wire's camelCase keys, for any JSON encoder.

        Raises:
            TypeError: If the argument is not a JobStatus.

        Example:
            >>> Codec().to_payload(JobStatus.queued("job-42"))
            {'id': 'job-42', 'status': 'queued'}
        """
        return _wire.write_payload(require_job(job))

    # pydantic calls this method for a codec in an annotation. The import is inside it, because
    # pydantic is optional.

    def __get_pydantic_core_schema__(
        self, source: object, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        from jobstatus._pydantic import core_schema_of

        if not is_job_status(source):
            raise TypeError(f"expected Annotated[JobStatus, Codec(...)], got {excerpt(source)}")
        return core_schema_of(self, handler(source))


def require_codec(value: object) -> Codec:
    """Return the value if it is a Codec; otherwise raise TypeError."""
    if type(value) is not Codec:
        raise TypeError(f"codec: expected a Codec, got {excerpt(value)}")
    return value


DEFAULT: Final = Codec()
"""The codec with the default options."""

TOLERANT: Final = Codec(null="absent", ids="number", numbers="text", dates="any")
"""A codec that reads each deviation from the interface that has only one possible meaning.

It reads a null as absent, an integer as an id, a number in a string as progress, and dates in both
formats. It does not read numbers as dates, because some producers send seconds, and others
milliseconds.

Example:
    >>> row = '{"id": 42, "status": "processing", "progress": "33.30", "error": null}'
    >>> TOLERANT.decode(row)
    JobStatus('42', 'processing', progress=33.3)
"""
