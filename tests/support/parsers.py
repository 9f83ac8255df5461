"""Readers and writers with the standard library alone, and with msgspec."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from unittest.mock import patch

from jobstatus import JobStatus, _wire
from jobstatus._wire import _msgspec, _pattern, _slow

Parser: TypeAlias = Literal["json", "msgspec"]


class Fast(NamedTuple):
    """The fast path alone: each function returns None to fall back."""

    decode: _slow.Decode
    decode_array: _slow.DecodeArray


def nothing(*_: object) -> Any:
    """Return None."""
    return None


PARSERS: Final[dict[Parser, Fast]] = {
    "json": Fast(_pattern.make_decode(nothing), _pattern.make_decode_array(nothing)),
    "msgspec": Fast(_msgspec.make_decode(nothing), _msgspec.make_decode_array(nothing)),
}


def select(name: Parser) -> None:
    """Use this parser to read and write from now on."""
    _wire.select(msgspec=name == "msgspec")


@contextmanager
def parsing_with(name: Parser) -> Generator[None]:
    """Use this parser to read and write within the context."""
    names = ("decode", "decode_array", "write", "write_array")
    with patch.multiple(_wire, **{function: getattr(_wire, function) for function in names}):
        select(name)
        yield


def fields(job: JobStatus) -> list[tuple[str, str]]:
    """Return a job's values for an exact comparison: 0 differs from -0, and UTC from a zone."""
    values = (job.id, job.status, job.progress, job.estimated_completion, job.error, job._extra)  # pyright: ignore[reportPrivateUsage]  # its texts, too
    return [(type(value).__name__, repr(value)) for value in values]
