"""Codec: the reading policy, and the doors between the wire and JobStatus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, final, overload

import attrs

from jobstatus import _json
from jobstatus._fast import decode, decode_array, structure, write
from jobstatus._foreign import excerpt
from jobstatus._payload import (
    Dates,
    Null,
    Payload,
    UnknownKeys,
    check_policy,
    invalid_option,
    is_job_status,
    structurer,
    unstructure,
)
from jobstatus._status import JobStatus
from jobstatus.errors import DecodeError, Problem

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = ["Codec", "Dates", "Document", "Null", "UnknownKeys"]

MOST_DEPTH: Final = 500
"""The greatest `max_depth`: half of the recursion limit that CPython starts with."""

Document: TypeAlias = _json.Document


@final
@attrs.frozen(kw_only=True)
class Codec:
    """Reads and writes JobStatus under a policy. A frozen, hashable, picklable value.

    What it writes does not depend on the policy: it is what ``JSON.stringify`` writes. A policy is
    a matter of reading. In an annotation that pydantic reads, ``Annotated[JobStatus, Codec(...)]``
    is a JobStatus that is read under that policy.

    Args:
        null: What ``null`` for an optional key is: ``"reject"``, for the interface says that the
            key is absent, or ``"absent"``.
        unknown_keys: What a key is that the interface does not have: ``"ignore"`` (it is never
            written again) or ``"reject"``.
        dates: What a date is: ``"ecmascript"``, as `jobstatus.dates.parse_date` reads it, or
            ``"iso8601"``, as `jobstatus.dates.parse_iso8601_date` does. Neither reads all that the
            other does: a date alone is no ISO 8601 instant.
        max_depth: How deep arrays and objects may nest, from 1 to 500.

    Raises:
        InvalidValueError: With the code ``invalid_option`` for any other option.

    Example:
        >>> codec = Codec(null="absent")
        >>> codec.decode(b'{"id": "job-42", "status": "queued", "error": null}')
        JobStatus('job-42', 'queued')
    """

    null: Null = "reject"
    unknown_keys: UnknownKeys = "ignore"
    dates: Dates = "ecmascript"
    max_depth: int = 64

    def __attrs_post_init__(self) -> None:
        check_policy(self.null, self.unknown_keys, self.dates)
        depth: object = self.max_depth
        if type(depth) is not int or not 1 <= depth <= MOST_DEPTH:
            raise invalid_option("max_depth", f"an int from 1 to {MOST_DEPTH}", depth)

    def decode(self, data: Document) -> JobStatus:
        r"""Return the job that a JSON document holds.

        Args:
            data: The document as text, or as bytes in UTF-8.

        Raises:
            DecodeError: With all that is wrong.
            TypeError: If the document is neither text nor bytes.

        Example:
            >>> try:
            ...     Codec().decode('{"status": "queued", "progress": 101}')
            ... except DecodeError as error:
            ...     print(*error.problems, sep="\n")
            /id missing id: expected a string, got no such key
            /progress out_of_range progress: expected a number from 0 to 100, got 101
        """
        job = decode(data, self.max_depth, self.unknown_keys)
        return self._decode_carefully(data) if job is None else job

    def encode(self, job: JobStatus[Any]) -> bytes:
        """Return what ``JSON.stringify`` writes for a job, in UTF-8.

        Raises:
            TypeError: If the argument is not a JobStatus.

        Example:
            >>> Codec().encode(JobStatus("job-42", "processing", progress=50.0))
            b'{"id":"job-42","status":"processing","progress":50}'
        """
        return write(job).encode()

    def decode_array(self, data: Document) -> list[JobStatus]:
        """Return the jobs that a JSON array holds.

        Args:
            data: The document as text, or as bytes in UTF-8.

        Raises:
            DecodeError: With all that is wrong with all of the items; each pointer begins with the
                item's index.
            TypeError: If the document is neither text nor bytes.

        Example:
            >>> Codec().decode_array('[{"id": "a", "status": "queued"}]')
            [JobStatus('a', 'queued')]
        """
        plain = decode_array(data, self.max_depth, self.unknown_keys)
        if plain is not None:
            return plain
        items = _json.parse(data, self.max_depth)
        if not isinstance(items, list):
            message = f"payload: expected an array, got {excerpt(items)}"
            raise DecodeError([Problem("", "wrong_type", message)])
        jobs: list[JobStatus] = []
        problems: list[Problem] = []
        for index, item in enumerate(cast("list[object]", items)):
            try:
                jobs.append(self._structure(item))
            except DecodeError as error:
                problems.extend(problem.below(f"/{index}") for problem in error.problems)
        if problems:
            raise DecodeError(problems)
        return jobs

    def encode_array(self, jobs: Iterable[JobStatus[Any]]) -> bytes:
        """Return what ``JSON.stringify`` writes for an array of jobs, in UTF-8.

        Raises:
            TypeError: If an item is not a JobStatus.

        Example:
            >>> Codec().encode_array([JobStatus.queued("a")])
            b'[{"id":"a","status":"queued"}]'
        """
        return f"[{','.join(map(write, jobs))}]".encode()

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
        r"""Read newline-delimited JSON, a job a line, one line at a time.

        Blank lines are passed over, and counted.

        Args:
            lines: The lines; a file opened in binary mode gives them. Not a whole document.
            errors: What to do with a line that holds no job: ``"raise"`` the error and end, or
                ``"yield"`` it in the job's place and go on.

        Yields:
            The jobs, and the errors if asked for.

        Raises:
            DecodeError: With all that is wrong with the first bad line, and its `line`.
            InvalidValueError: With the code ``invalid_option`` if ``errors`` is neither.
            TypeError: If a line is neither text nor bytes, or the argument is a whole document.

        Example:
            >>> import io
            >>> file = io.BytesIO(b'{"id":"a","status":"queued"}\n{"status":"queued"}\n')
            >>> for result in Codec().decode_lines(file, errors="yield"):
            ...     print(result)
            JobStatus('a', 'queued')
            line 2: /id missing id: expected a string, got no such key
        """
        if errors not in ("raise", "yield"):
            raise invalid_option("errors", "'raise' or 'yield'", errors)
        if isinstance(lines, str | bytes | bytearray | memoryview):
            raise TypeError(f"expected an iterable of lines, as a file is, got {excerpt(lines)}")
        return self._decode_lines(lines, go_on=errors == "yield")

    def _decode_lines(
        self, lines: Iterable[Document], *, go_on: bool
    ) -> Iterator[JobStatus | DecodeError]:
        for number, line in enumerate(lines, start=1):
            result: JobStatus | DecodeError | None
            result = decode(line, self.max_depth, self.unknown_keys)
            if result is not None:
                yield result
                continue
            if _is_blank(line):
                continue
            try:
                result = self._decode_carefully(line)
            except DecodeError as error:
                result = DecodeError(error.problems, number)
                if not go_on:
                    raise result from None
            yield result

    def encode_lines(self, jobs: Iterable[JobStatus[Any]]) -> Iterator[bytes]:
        r"""Write newline-delimited JSON, a job a line, one line at a time.

        Yields:
            The lines, each with its newline.

        Raises:
            TypeError: If an item is not a JobStatus.

        Example:
            >>> list(Codec().encode_lines([JobStatus.queued("a")]))
            [b'{"id":"a","status":"queued"}\n']
        """
        for job in jobs:
            yield (write(job) + "\n").encode()

    def from_payload(self, payload: Mapping[str, object]) -> JobStatus:
        """Return the job that a parsed JSON object holds.

        Raises:
            DecodeError: With all that is wrong.

        Example:
            >>> Codec().from_payload({"id": "job-42", "status": "queued", "progress": 0})
            JobStatus('job-42', 'queued', progress=0.0)
        """
        return self._structure(payload)

    def to_payload(self, job: JobStatus[Any]) -> Payload:
        """Return a job as a dict in the camelCase of the wire, ready for any JSON encoder.

        Raises:
            TypeError: If the argument is not a JobStatus.

        Example:
            >>> Codec().to_payload(JobStatus.queued("job-42"))
            {'id': 'job-42', 'status': 'queued'}
        """
        return unstructure(job)

    # Asked for by pydantic, where a codec stands in an annotation.

    def __get_pydantic_core_schema__(
        self, source: object, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        from jobstatus._pydantic import core_schema_of

        if not is_job_status(source):
            raise TypeError(f"expected Annotated[JobStatus, Codec(...)], got {excerpt(source)}")
        return core_schema_of(self, handler(source))

    def _structure(self, payload: object) -> JobStatus:
        job = structure(payload, self.unknown_keys)
        return self._structure_carefully(payload) if job is None else job

    def _decode_carefully(self, data: Document) -> JobStatus:
        return self._structure_carefully(_json.parse(data, self.max_depth))

    def _structure_carefully(self, payload: object) -> JobStatus:
        return structurer(self.null, self.unknown_keys, self.dates)(payload)


DEFAULT: Final = Codec()
"""What the conveniences of JobStatus read with."""


def _is_blank(line: object) -> bool:
    if isinstance(line, str):
        return not line.strip(_json.BLANK)
    return isinstance(line, bytes | bytearray | memoryview) and not bytes(
        cast("bytes", line)
    ).strip(_json.BLANK.encode())
