"""The table of the five fields, and the functions that build jobs from checked values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jobstatus import InvalidJobStatusError, JobState, JobStatus
from jobstatus._fields import (
    FIELDS,
    KEYS,
    OPTIONAL,
    Base,
    Field,
    build,
    build_if_valid,
    require_jobs,
)
from jobstatus.dates import check_datetime
from jobstatus.errors import Fault
from jobstatus.validators import check_progress, check_state, check_text

MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
VALUES = ("a", JobState.FAILED, 40.0, MOMENT, "timeout")
JOB = JobStatus("a", "failed", progress=40, estimated_completion=MOMENT, error="timeout")
NAMES = ("id", "status", "progress", "estimated_completion", "error")


def test_each_field_has_two_names_a_pointer_and_a_rule() -> None:
    """The table is in the interface's order."""
    assert [(f.name, f.key, f.pointer, f.check, f.optional) for f in FIELDS] == [
        ("id", "id", "/id", check_text, False),
        ("status", "status", "/status", check_state, False),
        ("progress", "progress", "/progress", check_progress, True),
        (
            *("estimated_completion", "estimatedCompletion", "/estimatedCompletion"),
            *(check_datetime, True),
        ),
        ("error", "error", "/error", check_text, True),
    ]


def test_a_pointer_is_derived_from_the_key() -> None:
    """The constructor does not accept a pointer, so the two cannot differ."""
    make: Any = Field
    with pytest.raises(TypeError):
        make("id", "id", check_text, pointer="/name")


def test_the_optional_fields_and_the_keys_are_derived_from_the_table() -> None:
    """Three fields are optional, and five keys are known."""
    assert [field.name for field in OPTIONAL] == ["progress", "estimated_completion", "error"]
    assert {"id", "status", "progress", "estimatedCompletion", "error"} == KEYS


def test_checked_values_are_built_into_a_job() -> None:
    """Both functions build the same job."""
    for job in (build(*VALUES, None), build_if_valid(*VALUES, None)):
        assert type(job) is JobStatus
        assert job == JOB


@pytest.mark.parametrize("at", range(5), ids=NAMES)
def test_a_fault_in_one_field_is_one_problem(at: int) -> None:
    """It has the pointer of the field, and its message begins with the field's name."""
    values: list[object] = [*VALUES, None]
    values[at] = Fault(("null", "expected a value", None))
    with pytest.raises(InvalidJobStatusError) as refused:
        build_if_valid(*values)
    (problem,) = refused.value.problems
    assert problem.pointer == FIELDS[at].pointer
    assert (problem.code, problem.message) == ("null", f"{NAMES[at]}: expected a value")


def test_faults_in_all_fields_are_reported_together() -> None:
    """The problems are in the interface's order."""
    fault = Fault(("null", "expected a value", None))
    with pytest.raises(InvalidJobStatusError) as refused:
        build_if_valid(fault, fault, fault, fault, fault, fault)
    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == [*(field.pointer for field in FIELDS), ""]
    assert refused.value.problems[-1].message == "extra: expected a value"


def test_require_jobs_returns_a_list() -> None:
    """It has the same objects, even if they come from an iterator."""
    assert require_jobs(iter([JOB, JOB])) == [JOB, JOB]
    assert require_jobs([]) == []


def test_require_jobs_quotes_the_first_value_that_is_not_a_job() -> None:
    """The message does not mention any later one."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got 'a'$"):
        require_jobs([JOB, "a", JOB, None])


def test_the_base_class_rejects_other_subclasses() -> None:
    """Their instances could become invalid jobs, as the message says."""
    expected = "^JobStatus is final: another class could become an invalid job$"
    with pytest.raises(TypeError, match=expected):
        type("Sibling", (Base,), {})
