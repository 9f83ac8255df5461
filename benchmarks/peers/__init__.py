"""The libraries that are compared, in the order of the table's columns."""

from __future__ import annotations

from typing import Final

from benchmarks.peers._peer import Peer
from benchmarks.peers.by_hand import BY_HAND
from benchmarks.peers.ours import OURS, OURS_WITH_MSGSPEC
from benchmarks.peers.with_cattrs import CATTRS
from benchmarks.peers.with_msgspec import MSGSPEC
from benchmarks.peers.with_pydantic import PYDANTIC, PYDANTIC_ADAPTER, PYDANTIC_AWARE

__all__ = ["PEERS", "Peer"]

PEERS: Final[tuple[Peer, ...]] = (
    OURS,
    OURS_WITH_MSGSPEC,
    PYDANTIC,
    PYDANTIC_AWARE,
    PYDANTIC_ADAPTER,
    MSGSPEC,
    CATTRS,
    BY_HAND,
)
