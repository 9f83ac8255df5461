"""What this library aims at, beside others in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Figures: TypeAlias = dict[str, dict[str, dict[str, float]]]
"""By operation, payload and name: microseconds a message, bytes an object, or milliseconds."""

PAYLOADS: Final[tuple[str, ...]] = ("minimal", "typical", "failed", "array", "lines")


def _each(aim: float) -> dict[str, float]:
    return dict.fromkeys(PAYLOADS, aim)


_PYDANTIC: Final = {
    "decode": {"minimal": 1.0, "typical": 0.9, "array": 0.85, "failed": 1.3},
    "encode": {"minimal": 0.35, "typical": 0.40, "array": 0.50, "failed": 0.75},
}
_CATTRS: Final = {
    "decode": _each(0.40),
    "encode": {**_each(0.30), "array": 0.35},
}
_MSGSPEC_TO_PYDANTIC: Final = {
    "decode": _each(0.45),
    "encode": _each(0.45),
}
_MSGSPEC: Final = {
    "decode": {"typical": 1.6, "array": 1.9},
    "encode": {"typical": 0.6, "array": 0.7},
}
_OTHERS: Final = {
    "refuse": {"all keys wrong": 2.5},
    "memory": {"typical": 0.5},
}


@dataclass(frozen=True)
class Target:
    """How much of a peer's figure this library's may be at most."""

    operation: str
    payload: str
    ours: str
    peer: str
    aim: float

    def ratio(self, figures: Figures) -> float:
        """Return this library's figure divided by the peer's."""
        row = figures[self.operation][self.payload]
        return row[self.ours] / row[self.peer]

    def is_met(self, figures: Figures) -> bool:
        """Return whether the ratio is at most the aim."""
        return self.ratio(figures) <= self.aim

    def __str__(self) -> str:
        return f"{self.operation} {self.payload}: {self.ours} ÷ {self.peer}"


def _against(ours: str, peer: str, aims: Mapping[str, Mapping[str, float]]) -> list[Target]:
    return [
        Target(operation, payload, ours, peer, aim)
        for operation, row in aims.items()
        for payload, aim in row.items()
    ]


TARGETS: Final[tuple[Target, ...]] = (
    *_against("jobstatus", "pydantic", _PYDANTIC),
    *_against("jobstatus", "cattrs json", _CATTRS),
    *_against("jobstatus, msgspec", "pydantic", _MSGSPEC_TO_PYDANTIC),
    *_against("jobstatus, msgspec", "msgspec", _MSGSPEC),
    # The aims were set against the methods of a model; its adapter is quicker.
    *_against("jobstatus", "pydantic, adapter", _PYDANTIC),
    *_against("jobstatus, msgspec", "pydantic, adapter", _MSGSPEC_TO_PYDANTIC),
    *_against("jobstatus", "pydantic", _OTHERS),
    *_against("jobstatus", "attrs", {"import": {"package": 1.6}}),
)
