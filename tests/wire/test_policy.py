"""The options of the policy for reading, and their limits."""

from __future__ import annotations

from typing import Any

import pytest

from jobstatus import InvalidValueError
from jobstatus._wire import DEFAULT_POLICY, MAX_DEPTH, Policy


@pytest.mark.parametrize("depth", [1, 64, MAX_DEPTH])
def test_both_limits_of_the_maximum_depth_are_valid(depth: int) -> None:
    """The range is 1 to 500, and 64 is the default."""
    assert Policy(max_depth=depth).max_depth == depth


@pytest.mark.parametrize("depth", [0, MAX_DEPTH + 1])
def test_a_maximum_depth_outside_the_range_is_rejected(depth: int) -> None:
    """The message has both limits and the value."""
    expected = f"^max_depth: expected an int from 1 to 500, got {depth}$"
    with pytest.raises(InvalidValueError, match=expected):
        Policy(max_depth=depth)


@pytest.mark.parametrize("problems", [0, -1, True, 1.0, None])
def test_the_maximum_of_problems_is_an_int_from_1(problems: Any) -> None:
    """There is no way to switch the maximum off."""
    with pytest.raises(InvalidValueError) as refused:
        Policy(max_problems=problems)
    assert str(refused.value) == f"max_problems: expected an int from 1, got {problems!r}"


def test_the_maximum_of_problems_may_be_1() -> None:
    """It is the smallest one."""
    assert Policy(max_problems=1).max_problems == 1


def test_the_default_policy_is_strict_except_for_unknown_keys() -> None:
    """Unknown keys are ignored because the interface may gain keys."""
    assert Policy() == DEFAULT_POLICY
    assert (DEFAULT_POLICY.null, DEFAULT_POLICY.unknown_keys) == ("reject", "ignore")
    assert (DEFAULT_POLICY.dates, DEFAULT_POLICY.max_depth) == ("ecmascript", 64)
