"""cattrs: a frozen attrs class, and a converter for the standard library's json."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs
from cattrs import transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter

from benchmarks.peers._peer import (
    ABSENT,
    STATES,
    Peer,
    each_line,
    read_date,
    read_progress,
    read_text,
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


# The hook of str would serve JobState too, which is a subclass of it.
_READERS: Final[dict[type, Callable[[Any], object]]] = {
    str: read_text,
    JobState: STATES.__getitem__,
    float: read_progress,
    datetime: read_date,
}


def _hook(read: Callable[[Any], object]) -> Callable[[Any, Any], object]:
    return lambda value, _: read(value)


_converter: Final = make_converter()
for _type, _read in _READERS.items():
    _converter.register_structure_hook(_type, _hook(_read))
_converter.register_unstructure_hook(datetime, write_date)
_renamed: Final = override(rename="estimatedCompletion")
_converter.register_structure_hook(
    Status, make_dict_structure_fn(Status, _converter, estimated_completion=_renamed)
)
_converter.register_unstructure_hook(
    Status,
    make_dict_unstructure_fn(
        Status, _converter, _cattrs_omit_if_default=True, estimated_completion=_renamed
    ),
)

# The converter's loads and dumps look these up in each call.
_structure: Final[Callable[[Any, Any], Any]] = _converter.get_structure_hook(Status)
_structure_all: Final[Callable[[Any, Any], Any]] = _converter.get_structure_hook(list[Status])
_unstructure: Final[Callable[[Any], Any]] = _converter.get_unstructure_hook(Status)
_stringify: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _decode(data: bytes) -> Any:
    return _structure(json.loads(data), Status)


CATTRS: Final = Peer(
    name="cattrs",
    needs="readers of each type, a writer of dates, no defaults, and the name of a key",
    decode=_decode,
    encode=lambda job: _stringify(_unstructure(job)),
    decode_array=lambda data: _structure_all(json.loads(data), list[Status]),
    encode_array=lambda jobs: _stringify([_unstructure(job) for job in jobs]),
    decode_lines=each_line(_decode),
    read_problems=transform_error,
)
