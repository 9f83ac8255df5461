"""transitions: a machine that moves an object, and reads and writes no messages."""

from __future__ import annotations

from typing import Any, Final

from transitions import Machine
from transitions.extensions import HierarchicalMachine

from benchmarks.columns._way import CODE, STEPS, YES, Library, Way

_MACHINE: Final[Any] = Machine  # of whose types half are unknown
_NESTED: Final[Any] = HierarchicalMachine
_STATES: Final = ["queued", "processing", "completed"]
_TABLE: Final = [
    {"trigger": "start", "source": "queued", "dest": "processing"},
    {"trigger": "complete", "source": "processing", "dest": "completed"},
]


class Job:
    """What a machine moves."""

    state: str


def _walk(states: list[str]) -> object:
    job: Any = Job()
    _MACHINE(job, states=_STATES, transitions=_TABLE, initial="queued")
    for state in states:
        getattr(job, STEPS[state])()
    return job


def _own_state() -> object:
    door: Any = Job()
    _MACHINE(door, states=["open", "shut"], transitions=[["close", "open", "shut"]], initial="open")
    return door.close()


def _richer() -> bool:
    told: list[str] = []
    job: Any = Job()
    step = {
        "trigger": "start",
        "source": "queued",
        "dest": "processing_reading",
        "conditions": lambda: bool(told),
        "after": lambda: told.append("after"),
    }
    states = ["queued", {"name": "processing", "children": ["reading"]}]
    _NESTED(job, states=states, transitions=[step], initial="queued")
    refused = not job.start()
    told.append("now")
    return refused and job.start() and told == ["now", "after"]


TRANSITIONS: Final = Library(
    "transitions",
    (
        Way(
            YES,
            walk=_walk,
            typed="""
from transitions import Machine

class Job:
    state: str

job = Job()
moves = [["start", "queued", "processing"], ["complete", "processing", "completed"]]
Machine(job, states=["queued", "processing", "completed"], transitions=moves, initial="queued")
job.start()
job.complete()
job.start()  # illegal
""",
            own=_own_state,
            richer=_richer,
        ),
        Way(
            CODE,
            typed="""
from transitions import Machine

class Job:  # as transitions.experimental.utils.generate_base_model writes it
    state: str
    def start(self) -> bool: raise RuntimeError("This should be overridden")
    def complete(self) -> bool: raise RuntimeError("This should be overridden")

job = Job()
moves = [["start", "queued", "processing"], ["complete", "processing", "completed"]]
states = ["queued", "processing", "completed"]
Machine(job, states=states, transitions=moves, initial="queued", model_override=True)
job.start()
job.complete()
job.start()  # illegal
""",
        ),
    ),
)
