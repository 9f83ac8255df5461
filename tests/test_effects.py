"""What a step does to the fields is one total table."""

from __future__ import annotations

import attrs
import pytest

from jobstatus import InvalidValueError, JobState
from jobstatus._effects import EFFECTS, Effect


def test_every_state_has_an_effect_on_every_optional_field() -> None:
    """The table of effects is total."""
    fields = ["progress", "estimated_completion", "error"]
    assert {state: list(row) for state, row in EFFECTS.items()} == dict.fromkeys(JobState, fields)


@pytest.mark.parametrize(
    ("effect", "bare", "with_value", "with_none"),
    [
        (Effect.KEEP, "old", "not_settable", "not_settable"),
        (Effect.SET, "old", "new", None),
        (Effect.TAKE, None, "new", None),
        (Effect.NEED, "missing", "new", "missing"),
        (Effect.FULL, 100.0, "not_settable", "not_settable"),
        (Effect.CLEAR, None, "not_settable", "not_settable"),
    ],
)
def test_an_effect_makes_the_new_value(
    effect: Effect, bare: object, with_value: object, with_none: object
) -> None:
    """What a field holds after a step follows from what it held and what was given."""

    def outcome(given: object) -> object:
        try:
            return effect.apply("old", given)
        except InvalidValueError as error:
            return error.code

    assert (outcome(attrs.NOTHING), outcome("new"), outcome(None)) == (bare, with_value, with_none)
