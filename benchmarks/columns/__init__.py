"""The libraries of the README's table, in its order."""

from __future__ import annotations

from typing import Final

from benchmarks.columns._way import Library, Way
from benchmarks.columns.ours import JOBSTATUS
from benchmarks.columns.with_cattrs import CATTRS
from benchmarks.columns.with_msgspec import MSGSPEC
from benchmarks.columns.with_pydantic import PYDANTIC
from benchmarks.columns.with_transitions import TRANSITIONS

__all__ = ["JOBSTATUS", "LIBRARIES", "TRANSITIONS", "Library", "Way"]

LIBRARIES: Final = (JOBSTATUS, PYDANTIC, MSGSPEC, CATTRS, TRANSITIONS)
