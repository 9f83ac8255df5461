"""The five states, and how they are parsed."""

from __future__ import annotations

import pickle

import pytest

from jobstatus import InvalidValueError, JobState
from jobstatus.validators import parse_state


def test_the_states_are_the_strings_of_the_interface() -> None:
    """They are in the interface's order, and cancelled has two letters l."""
    assert [str(state) for state in JobState] == [
        "queued",
        "processing",
        "completed",
        "failed",
        "cancelled",
    ]


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_parsed_from_itself_and_its_string(state: JobState) -> None:
    """Both give the same member, and so does unpickling."""
    assert parse_state(state) is parse_state(state.value) is pickle.loads(pickle.dumps(state))


class Unhashable(str):
    """A string that cannot be looked up in a dict."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # makes lookups fail


@pytest.mark.parametrize(
    "name", ["", "Queued", "QUEUED", "canceled", " queued", "done", Unhashable("unknown")]
)
def test_an_unknown_state_is_rejected_with_its_full_value(name: str) -> None:
    """The error has its own code, and the value as a plain string."""
    with pytest.raises(InvalidValueError) as refused:
        parse_state(name)
    assert refused.value.code == "unknown_state"
    assert refused.value.value == str.__str__(name)
    assert type(refused.value.value) is str


@pytest.mark.parametrize("value", [None, 1, True, b"queued", ["queued"]])
def test_a_value_that_is_not_a_string_has_the_wrong_type(value: object) -> None:
    """The error has the code of a wrong type, and does not keep the value."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got ") as refused:
        parse_state(value)
    assert (refused.value.code, refused.value.value) == ("wrong_type", None)
