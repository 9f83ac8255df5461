"""The five states."""

from __future__ import annotations

import pickle

import pytest

from jobstatus import InvalidValueError, JobState
from jobstatus._states import parse_state


def test_the_states_are_the_strings_of_the_interface() -> None:
    """Their values are the wire's, in the interface's order, with two l in cancelled."""
    assert [str(state) for state in JobState] == [
        "queued",
        "processing",
        "completed",
        "failed",
        "cancelled",
    ]


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_parsed_from_itself_and_its_string(state: JobState) -> None:
    """A member and its value name the same state; a pickle gives the same object."""
    assert parse_state(state) is parse_state(state.value) is pickle.loads(pickle.dumps(state))


class Sly(str):
    """A string that no dict can look up."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # so that a lookup fails


@pytest.mark.parametrize(
    "name", ["", "Queued", "QUEUED", "canceled", " queued", "done", Sly("sly")]
)
def test_an_unknown_state_is_refused_with_its_raw_value(name: str) -> None:
    """The code tells it from another type, and the value is there in full."""
    with pytest.raises(InvalidValueError) as refused:
        parse_state(name)
    assert refused.value.code == "unknown_state"
    assert refused.value.value == str.__str__(name)
    assert type(refused.value.value) is str


@pytest.mark.parametrize("value", [None, 1, True, b"queued", ["queued"]])
def test_what_is_not_a_string_is_no_state(value: object) -> None:
    """Another type has another code, and no value."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got ") as refused:
        parse_state(value)
    assert (refused.value.code, refused.value.value) == ("wrong_type", None)
