"""The hint of ``jobstatus check``: the options that make invalid payloads valid."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, cast, final

import attrs

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus.codec import Codec
from jobstatus.dates import from_time_value
from jobstatus.errors import DecodeError, Problem, ProblemCode
from jobstatus.validators import nearest_state

_DATES: Final = "/estimatedCompletion"
_REMEDIES: Final[Mapping[tuple[str, ProblemCode], tuple[str, str]]] = MappingProxyType(
    {
        ("/id", "wrong_type"): ("ids", "number"),
        ("/progress", "wrong_type"): ("numbers", "text"),
        (_DATES, "invalid_date"): ("dates", "any"),
        (_DATES, "no_offset"): ("dates", "any"),
        (_DATES, "wrong_type"): ("dates", "milliseconds"),
    }
)
"""The option that may help against a problem."""
_OPTIONS: Final = tuple(field.name for field in attrs.fields(Codec))
_MAX_NAMES: Final = 10
_LEAST_DATE: Final = from_time_value(10**11)
"""A smaller number is likely one of seconds, which reaches the year 5138."""


@final
@attrs.define
class Hint:
    """The smallest set of options that makes the most invalid payloads valid.

    Each rejected payload has a set of options that it needs. One option never makes a payload
    invalid that another makes valid, so with the union of the sets all of them are valid.

    Attributes:
        codec: The options that are already set.
        valid: The number of payloads that become valid.
        options: The options to set, as arguments of `jobstatus.Codec`.
        states: The other names of states to set.
    """

    codec: Codec
    valid: int = 0
    options: dict[str, str] = attrs.field(factory=dict[str, str])
    states: dict[str, JobState] = attrs.field(factory=dict[str, JobState])
    _codecs: dict[object, Codec] = attrs.field(init=False, repr=False, factory=dict[object, Codec])

    def add(self, document: bytes, error: DecodeError) -> None:
        """Add the options with which a rejected document is valid, if there are any."""
        options, states = dict[str, str](), dict[str, JobState]()
        for problem in error.problems:
            name = problem.value or ""
            if problem.code == "unknown_state" and (state := nearest_state(name)) is not None:
                states[name] = state
            elif (remedy := _remedy(problem)) is not None:
                options |= [remedy]
            else:
                return
        if not self._are_shown(states) or not self._are_valid(document, options, states):
            return
        self.valid += 1
        if self.options.get("dates") == "milliseconds":
            options["dates"] = "milliseconds"  # includes "any"
        self.options |= options
        self.states |= states

    def _are_shown(self, states: Mapping[str, JobState]) -> bool:
        """Return whether the names are few and printable, because the hint is one line."""
        are_few = len({**self.states, **states}) <= _MAX_NAMES
        return are_few and all(map(str.isprintable, states))

    def _are_valid(
        self, document: bytes, options: dict[str, Any], states: Mapping[str, JobState]
    ) -> bool:
        key = *options.items(), *states.items()
        if (codec := self._codecs.get(key)) is None:
            names = {**dict(self.codec.states), **states}
            codec = attrs.evolve(self.codec, **options, states=names)
            if states.keys() <= self.states.keys():  # a file may have any number of other names
                self._codecs[key] = codec
        try:
            job: JobStatus = codec.decode(document)
        except DecodeError:
            return False
        is_number = options.get("dates") == "milliseconds"
        return not is_number or cast("datetime", job.estimated_completion) >= _LEAST_DATE

    def to_flags(self) -> str:
        """Return the options as they are written in a shell."""
        flags = [
            word
            for name in _OPTIONS
            if name in self.options
            for word in (f"--{name.replace('_', '-')}", self.options[name])
        ]
        for name, state in self.states.items():
            flags += ["--state", f"{name}={state}"]
        return shlex.join(flags)

    def to_options(self) -> dict[str, object]:
        """Return the options as arguments of `jobstatus.Codec`."""
        options: dict[str, object] = {
            name: self.options[name] for name in _OPTIONS if name in self.options
        }
        return options | {"states": self.states} if self.states else options


def _remedy(problem: Problem) -> tuple[str, str] | None:
    if problem.code == "null":
        return "null", "absent"
    if problem.code == "unknown_key":
        return "unknown_keys", "ignore"
    return _REMEDIES.get((problem.pointer, problem.code))
