"""The libraries that the comparison compares, in the order of its tables."""

from __future__ import annotations

from typing import Final

from benchmarks.peers._peer import Peer
from benchmarks.peers.by_hand import BY_HAND
from benchmarks.peers.ours import OURS, OURS_WITH_MSGSPEC
from benchmarks.peers.with_cattrs import CATTRS_JSON, CATTRS_ORJSON
from benchmarks.peers.with_marshmallow import MARSHMALLOW
from benchmarks.peers.with_mashumaro import MASHUMARO
from benchmarks.peers.with_msgspec import MSGSPEC, MSGSPEC_OUR_DATES
from benchmarks.peers.with_pydantic import PYDANTIC, PYDANTIC_ADAPTER, PYDANTIC_OUR_DATES
from benchmarks.peers.with_serpyco_rs import SERPYCO_RS

__all__ = ["PEERS", "Peer"]

PEERS: Final[tuple[Peer, ...]] = (
    OURS,
    OURS_WITH_MSGSPEC,
    PYDANTIC,
    PYDANTIC_OUR_DATES,
    PYDANTIC_ADAPTER,
    MSGSPEC,
    MSGSPEC_OUR_DATES,
    CATTRS_JSON,
    CATTRS_ORJSON,
    MASHUMARO,
    SERPYCO_RS,
    MARSHMALLOW,
    BY_HAND,
)
