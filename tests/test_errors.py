"""Errors carry what they know."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import get_args

import pytest

import jobstatus
from jobstatus import (
    ConflictingOutcomesError,
    DecodeError,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobState,
    JobStatus,
    JobStatusError,
    Problem,
)
from jobstatus.errors import ProblemCode


def through_pickle(error: JobStatusError) -> JobStatusError:
    """Return what a pickle of an error gives."""
    return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]  # pickle knows no types


MISSING = Problem("/id", "missing", "id: expected a string, got no such key")
UNKNOWN = Problem("/status", "unknown_state", "status: expected queued, got 'x'", "x")
JOB = JobStatus("job-42", "completed", progress=100)
ERRORS = [
    InvalidValueError("unknown_state", "expected queued, got 'x'", "x"),
    InvalidJobStatusError([UNKNOWN]),
    DecodeError([MISSING, UNKNOWN], 7),
    IllegalTransitionError(JOB, JobState.QUEUED, [JobState.FAILED]),
    ConflictingOutcomesError(JOB, JobStatus("job-42", "cancelled")),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, through_pickle])
def test_every_error_copies_and_pickles(
    error: JobStatusError, duplicate: Callable[[JobStatusError], JobStatusError]
) -> None:
    """A copy has the same type, text, attributes and notes."""
    error.add_note("seen by the night shift")
    twin = duplicate(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_a_value_error_under_one_root(error: JobStatusError) -> None:
    """`except JobStatusError` and `except ValueError` catch all."""
    assert isinstance(error, JobStatusError)
    assert isinstance(error, ValueError)


def test_all_errors_are_covered_here() -> None:
    """Each exception that the package exports is in the tests above."""
    exported = {
        value
        for name in jobstatus.__all__
        if isinstance(value := getattr(jobstatus, name), type) and issubclass(value, Exception)
    }
    assert {type(error) for error in ERRORS} == exported - {JobStatusError}


def test_a_problem_reads_pointer_code_message() -> None:
    """Its string is what the command line prints."""
    assert str(MISSING) == "/id missing id: expected a string, got no such key"


def test_the_pointer_of_the_whole_payload_is_shown_in_quotes() -> None:
    """RFC 6901 writes the empty pointer as two quotes."""
    problem = Problem("", "invalid_json", "payload: expected JSON, got the end")
    assert str(problem) == '"" invalid_json payload: expected JSON, got the end'


def test_a_problem_cannot_forge_a_log_line() -> None:
    """A hostile key is escaped where it is shown, and exact in the attribute."""
    problem = Problem("/a\nb", "unknown_key", "payload: expected no keys but the interface's")
    assert "\n" not in str(problem)
    assert problem.pointer == "/a\nb"


def test_a_pointer_is_shown_whole() -> None:
    """What is cut points at nothing."""
    pointer = "/0/" + "k" * 80
    assert str(Problem(pointer, "unknown_key", "payload: x")) == f"{pointer} unknown_key payload: x"


def test_problems_move_below_a_pointer() -> None:
    """An item's problem becomes the array's."""
    assert UNKNOWN.below("/3") == Problem("/3/status", UNKNOWN.code, UNKNOWN.message, "x")


def test_a_decode_error_lists_its_problems_after_its_line() -> None:
    """The text has the line, if there is one, and all problems."""
    assert str(DecodeError([MISSING, UNKNOWN], 7)) == f"line 7: {MISSING}; {UNKNOWN}"
    assert str(DecodeError([MISSING])) == str(MISSING)


def test_a_long_list_of_problems_is_cut_in_the_text_and_whole_in_the_attribute() -> None:
    """Five are shown, the others counted."""
    error = DecodeError([MISSING] * 1000)
    assert str(error).endswith("; and 995 more")
    assert len(str(error)) < 500
    assert len(error.problems) == 1000


def test_problem_details_of_an_invalid_payload() -> None:
    """An RFC 9457 body with status 422 and every problem, its pointer as a URI fragment."""
    assert DecodeError([MISSING, UNKNOWN]).to_problem_details() == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": f"{MISSING}; {UNKNOWN}",
        "errors": [
            {"pointer": "#/id", "code": "missing", "detail": MISSING.message},
            {"pointer": "#/status", "code": "unknown_state", "detail": UNKNOWN.message},
        ],
    }


@pytest.mark.parametrize("code", ["invalid_utf8", "invalid_json", "too_deep"])
def test_problem_details_of_what_is_not_json(code: ProblemCode) -> None:
    """An RFC 9457 body with status 400."""
    details = DecodeError([Problem("", code, "payload: expected JSON")]).to_problem_details()
    assert (details["status"], details["title"]) == (400, "Bad Request")
    assert details["errors"][0]["pointer"] == "#"


def test_problem_details_are_no_larger_than_a_hundred_problems() -> None:
    """A hostile payload does not choose the size of the answer."""
    error = DecodeError([Problem(f"/{n}", "wrong_type", "payload: x") for n in range(10_000)])
    details = error.to_problem_details()
    assert [item["pointer"] for item in details["errors"]] == [f"#/{n}" for n in range(100)]
    assert details["detail"].endswith("; and 9995 more")


def test_problem_details_escape_the_pointer_for_a_uri() -> None:
    """What a fragment cannot hold is percent-encoded; a lone surrogate has no UTF-8."""
    error = DecodeError([Problem("/a b\u00e9\ud800", "unknown_key", "payload: expected less")])
    assert error.to_problem_details()["errors"][0]["pointer"] == "#/a%20b%C3%A9%3F"


def test_an_illegal_transition_names_what_is_allowed_in_the_interface_order() -> None:
    """The text has the source, the target, the job and the states that may follow."""
    queued = JobStatus("job-42", "queued")
    allowed = [JobState.CANCELLED, JobState.FAILED, JobState.PROCESSING]
    assert str(IllegalTransitionError(queued, JobState.COMPLETED, allowed)) == (
        "status: cannot go from queued to completed (job 'job-42'), "
        "allowed: processing, failed, cancelled"
    )


def test_an_illegal_transition_from_an_outcome_says_that_it_is_final() -> None:
    """There is nothing to list, and the reason is given."""
    error = IllegalTransitionError(JOB, JobState.QUEUED)
    assert str(error).endswith("allowed: nothing, completed is final")


def test_an_update_of_an_outcome_is_called_that() -> None:
    """Nobody asked to go anywhere."""
    error = IllegalTransitionError(JOB, JobState.COMPLETED)
    assert str(error) == "status: cannot update a job that is completed (job 'job-42')"


def test_conflicting_outcomes_name_both() -> None:
    """The text has the job and both outcomes; the attribute has both snapshots."""
    cancelled = JobStatus("job-42", "cancelled")
    error = ConflictingOutcomesError(JOB, cancelled)
    assert str(error) == (
        "status: expected one outcome of job 'job-42', got completed and cancelled"
    )
    assert error.snapshots == (JOB, cancelled)


def test_long_ids_are_cut() -> None:
    """No id floods a log."""
    long = JobStatus("x" * 10**6, "completed")
    assert len(str(IllegalTransitionError(long, JobState.QUEUED))) < 300
    assert len(str(ConflictingOutcomesError(long, long))) < 300


def test_the_codes_are_these() -> None:
    """The codes are stable: this list only ever grows."""
    assert set(get_args(ProblemCode)) == {
        "invalid_date",
        "invalid_json",
        "invalid_lifecycle",
        "invalid_option",
        "invalid_utf8",
        "missing",
        "mixed_jobs",
        "no_offset",
        "not_settable",
        "null",
        "out_of_range",
        "too_deep",
        "unknown_key",
        "unknown_state",
        "wrong_type",
    }
