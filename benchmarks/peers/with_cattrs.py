"""cattrs: a frozen attrs class, with the converters that it makes for json and orjson."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs
import cattrs.preconf.json
import cattrs.preconf.orjson
import orjson
from cattrs import Converter, transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from benchmarks.peers._peer import (
    ABSENT,
    STATES,
    Peer,
    each_line,
    read_date,
    read_progress,
    read_text,
    to_lines,
    write_date,
)
from jobstatus import JobState


@attrs.frozen
class Status:
    """The payload."""

    id: str
    status: JobState
    progress: float = ABSENT
    estimated_completion: datetime = ABSENT
    error: str = ABSENT


# The hook of str serves its subclasses too, of which JobState is one unless it has its own.
_READERS: Final[dict[type, Callable[[Any], object]]] = {
    str: read_text,
    JobState: STATES.__getitem__,
    float: read_progress,
    datetime: read_date,
}


def _configure(converter: Converter) -> None:
    def hook(read: Callable[[Any], object]) -> Callable[[Any, Any], object]:
        return lambda value, _: read(value)

    for wanted, read in _READERS.items():
        converter.register_structure_hook(wanted, hook(read))
    converter.register_unstructure_hook(datetime, write_date)
    renamed = override(rename="estimatedCompletion")
    converter.register_structure_hook(
        Status, make_dict_structure_fn(Status, converter, estimated_completion=renamed)
    )
    writer = make_dict_unstructure_fn(
        Status, converter, _cattrs_omit_if_default=True, estimated_completion=renamed
    )
    converter.register_unstructure_hook(Status, writer)


def _problems(error: Exception) -> int:
    return len(transform_error(error))


def _peer(
    form: str, converter: Converter, loads: Callable[[bytes], Any], dumps: Callable[[Any], bytes]
) -> Peer:
    _configure(converter)
    # What the converter's loads and dumps look up in each call.
    structure: Callable[[Any, Any], Any] = converter.get_structure_hook(Status)
    unstructure: Callable[[Any], Any] = converter.get_unstructure_hook(Status)
    structure_all: Callable[[Any, Any], Any] = converter.get_structure_hook(list[Status])

    def decode(data: bytes) -> Any:
        return structure(loads(data), Status)

    def encode(job: Any) -> bytes:
        return dumps(unstructure(job))

    return Peer(
        name=f"cattrs {form}",
        packages=("cattrs", "attrs", "orjson"),
        needs="readers of each type; a writer of dates; no defaults, and the name of a key",
        decode=decode,
        encode=encode,
        decode_array=lambda data: structure_all(loads(data), list[Status]),
        encode_array=lambda jobs: dumps([unstructure(job) for job in jobs]),
        decode_lines=each_line(decode),
        encode_lines=to_lines(encode),
        problems=_problems,
    )


_stringify: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

CATTRS_JSON: Final = _peer(
    "json",
    cattrs.preconf.json.make_converter(),
    json.loads,
    lambda payload: _stringify(payload).encode(),
)
CATTRS_ORJSON: Final = _peer(
    "orjson", cattrs.preconf.orjson.make_converter(), orjson.loads, orjson.dumps
)
