"""Errors have codes, pointers and messages, and survive copying and pickling."""

from __future__ import annotations

import copy
import pickle
import weakref
from collections.abc import Callable
from typing import Any, get_args

import attrs
import pytest

import jobstatus
from jobstatus import (
    ConflictingOutcomesError,
    DecodeError,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobExistsError,
    JobState,
    JobStatus,
    JobStatusError,
    OvertakenError,
    Problem,
    StoreError,
    UnknownJobError,
)
from jobstatus.errors import Fault, ProblemCode, alternatives, escape_token, require_job


def through_pickle(error: JobStatusError) -> JobStatusError:
    """Return the error that a pickle of an error restores."""
    return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]  # pickle returns Any


MISSING = Problem("/id", "missing", "id: required key is missing")
UNKNOWN = Problem("/status", "unknown_state", "status: expected queued, got 'x'", "x")
JOB = JobStatus("job-42", "completed", progress=100)
OTHER = JobStatus("job-42", "cancelled")
ERRORS = [
    InvalidValueError("unknown_state", "expected queued, got 'x'", "x"),
    InvalidJobStatusError([UNKNOWN]),
    DecodeError([MISSING, UNKNOWN], 7),
    IllegalTransitionError(JOB, JobState.QUEUED, [JobState.FAILED]),
    ConflictingOutcomesError(JOB, JobStatus("job-42", "cancelled")),
    JobExistsError(id="job-42"),
    OvertakenError(id="job-42", expected="1-a", stored="2-a", status=JobState.CANCELLED),
    StoreError(message="SQLite failed: disk full"),
    UnknownJobError(id="job-42"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, through_pickle])
def test_every_error_can_be_copied_and_pickled(
    error: JobStatusError, duplicate: Callable[[JobStatusError], JobStatusError]
) -> None:
    """A copy has the same type, text, attributes and notes."""
    error.add_note("seen by the night shift")
    twin = duplicate(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_alternatives_are_joined_by_commas_and_or(names: list[str], text: str) -> None:
    """A single one stays alone."""
    assert alternatives(names) == text


def test_the_errors_of_a_store_name_the_job() -> None:
    """The texts have the form of the other messages."""
    assert [str(error) for error in ERRORS[-4:]] == [
        "id: expected a new id, got 'job-42', which is taken",
        "version: expected '1-a', got '2-a' (job 'job-42', which is cancelled now)",
        "SQLite failed: disk full",
        "id: expected the id of a stored job, got 'job-42'",
    ]
    busy = OvertakenError(id="job-42", expected=None, stored="2-a", status=JobState.PROCESSING)
    assert str(busy) == "status: job 'job-42' has a worker; take_over=True goes on with it"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_a_value_error_and_a_job_status_error(error: JobStatusError) -> None:
    """Either `except` clause catches every error of the library."""
    assert isinstance(error, JobStatusError)
    assert isinstance(error, ValueError)


def test_every_exported_error_is_tested_here() -> None:
    """A new exception has to be added to the list above."""
    exported = {
        value
        for name in jobstatus.__all__
        if isinstance(value := getattr(jobstatus, name), type) and issubclass(value, Exception)
    }
    assert {type(error) for error in ERRORS} == exported - {JobStatusError}


@pytest.mark.parametrize(
    ("pointer", "code", "message", "place"),
    [
        ("/id", "missing", "id: required key is missing", ""),
        ("/7/id", "missing", "id: required key is missing", "/7: "),
        ("", "invalid_json", "payload: invalid JSON", ""),
        ("/7", "wrong_type", "payload: expected an object", "/7: "),
        ("/7", "wrong_type", "payload: expected an object, got '7'", "/7: "),
        ("/x", "unknown_key", "payload: unknown key 'x'", ""),
        ("/7/~1~0", "unknown_key", "payload: unknown key '/~'", "/7: "),
        ("/7", "unknown_key", "payload: unknown key 'xxx...'", "/7: "),
    ],
)
def test_a_problem_reads_as_its_message_and_its_code(
    pointer: str, code: ProblemCode, message: str, place: str
) -> None:
    """The message names the field, so only the way to the field is added."""
    assert str(Problem(pointer, code, message)) == f"{place}{message} [{code}]"


def test_a_problem_cannot_forge_a_log_line() -> None:
    """A hostile key is escaped where it is shown, and exact in the attribute."""
    problem = Problem("/a\nb", "unknown_key", "payload: unknown key")
    assert "\n" not in str(problem)
    assert problem.pointer == "/a\nb"


def test_the_text_of_a_problem_has_the_whole_pointer() -> None:
    """A truncated pointer would point to nothing."""
    pointer = "/0/" + "k" * 80
    assert (
        str(Problem(pointer, "unknown_key", "payload: x")) == f"{pointer}: payload: x [unknown_key]"
    )


def test_a_problem_of_an_item_becomes_a_problem_of_its_array() -> None:
    """The index of the item is put before the pointer."""
    assert UNKNOWN.below("/3") == Problem("/3/status", UNKNOWN.code, UNKNOWN.message, "x")


def test_a_decode_error_lists_its_line_and_all_problems() -> None:
    """The line number is there only if the error comes from `decode_lines`."""
    assert str(DecodeError([MISSING, UNKNOWN], 7)) == f"line 7: {MISSING}; {UNKNOWN}"
    assert str(DecodeError([MISSING])) == str(MISSING)


def test_the_text_of_an_error_with_many_problems_is_short() -> None:
    """Five problems are shown and the rest are counted; the attribute has all of them."""
    error = DecodeError([MISSING] * 1000)
    assert str(error).endswith("; and 995 more")
    assert len(str(error)) < 500
    assert len(error.problems) == 1000


def test_problem_details_of_an_invalid_payload_have_status_422() -> None:
    """The RFC 9457 body lists every problem, with its pointer as a URI fragment."""
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
def test_problem_details_of_invalid_json_have_status_400(code: ProblemCode) -> None:
    """The request is malformed, so 422 would be the wrong status."""
    details = DecodeError([Problem("", code, "payload: expected JSON")]).to_problem_details()
    assert (details["status"], details["title"]) == (400, "Bad Request")
    assert details["errors"][0]["pointer"] == "#"


def test_problem_details_list_at_most_a_hundred_problems() -> None:
    """A hostile payload must not determine the size of the response."""
    error = DecodeError([Problem(f"/{n}", "wrong_type", "payload: x") for n in range(10_000)])
    details = error.to_problem_details()
    assert [item["pointer"] for item in details["errors"]] == [f"#/{n}" for n in range(100)]
    assert details["detail"].endswith("; and 9995 more")


def test_problem_details_escape_the_pointer_for_a_uri() -> None:
    """Other characters are percent-encoded; a lone surrogate becomes a question mark."""
    error = DecodeError([Problem("/a b\u00e9\ud800", "unknown_key", "payload: expected less")])
    assert error.to_problem_details()["errors"][0]["pointer"] == "#/a%20b%C3%A9%3F"


def test_an_illegal_transition_lists_the_allowed_states_in_order() -> None:
    """The text also has the source, the target and the job."""
    queued = JobStatus("job-42", "queued")
    allowed = [JobState.CANCELLED, JobState.FAILED, JobState.PROCESSING]
    assert str(IllegalTransitionError(queued, JobState.COMPLETED, allowed)) == (
        "status: cannot go from queued to completed (job 'job-42'), "
        "only to processing, failed or cancelled"
    )


def test_an_illegal_transition_from_an_outcome_says_that_it_is_terminal() -> None:
    """No state may follow an outcome, so there is nothing to list."""
    error = IllegalTransitionError(JOB, JobState.QUEUED)
    assert str(error).endswith("(job 'job-42'), because completed is terminal")


def test_an_illegal_update_is_described_as_an_update() -> None:
    """The caller did not ask for another state, so 'cannot go' would be confusing."""
    error = IllegalTransitionError(JOB, JobState.COMPLETED)
    assert str(error) == "status: cannot update a job that is completed (job 'job-42')"


def test_the_text_of_conflicting_outcomes_names_both() -> None:
    """It also has the job; the attribute has both snapshots."""
    cancelled = JobStatus("job-42", "cancelled")
    error = ConflictingOutcomesError(JOB, cancelled)
    assert str(error) == (
        "status: expected one outcome for job 'job-42', got completed and cancelled"
    )
    assert error.snapshots == (JOB, cancelled)


def test_the_text_of_an_error_truncates_long_ids() -> None:
    """No id may flood a log."""
    long = JobStatus("x" * 10**6, "completed")
    assert len(str(IllegalTransitionError(long, JobState.QUEUED))) < 300
    assert len(str(ConflictingOutcomesError(long, long))) < 300


def test_the_codes_are_stable() -> None:
    """Clients depend on them, so this list may only grow."""
    assert set(get_args(ProblemCode)) == {
        "id_mismatch",
        "invalid_date",
        "invalid_json",
        "invalid_lifecycle",
        "invalid_option",
        "invalid_utf8",
        "invalid_version",
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


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_args_hold_the_text_alone(error: JobStatusError) -> None:
    """Celery's JSON backend and other serialisers keep only args."""
    assert error.args == (str(error),)
    with pytest.raises(AttributeError, match=r"^args: cannot be set$"):
        error.args = ("x",)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_error_is_rebuilt_from_its_text(error: JobStatusError) -> None:
    """A rebuild from args fails, so a serialiser falls back to a plain Exception with the text."""
    rebuild: Any = type(error)
    with pytest.raises(TypeError):
        rebuild(*error.args)


def test_an_error_about_jobs_takes_jobs_only() -> None:
    """Any other value, such as a text, raises TypeError."""
    transition: Any = IllegalTransitionError
    conflict: Any = ConflictingOutcomesError
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got 'a'$"):
        transition("a", JobState.QUEUED)
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got 'b'$"):
        conflict(JOB, "b")


def test_an_error_takes_no_text_in_place_of_its_problems() -> None:
    """The message shows the wrong value."""
    for make in (DecodeError, InvalidJobStatusError):
        text: Any = "id: missing"
        with pytest.raises(TypeError) as refused:
            make(text)
        assert str(refused.value) == "problems: expected Problem values, got 'id: missing'"


def test_no_error_is_made_without_a_problem() -> None:
    """`problems` is never empty."""
    for make in (DecodeError, InvalidJobStatusError):
        with pytest.raises(ValueError, match=r"^problems: expected at least one, got none$"):
            make([])


@pytest.mark.parametrize(
    "error",
    [
        DecodeError([Problem("/status", "unknown_state", "status: x", "y" * 10**6)] * 10**4),
        InvalidJobStatusError([UNKNOWN] * 10**4),
        IllegalTransitionError(JobStatus("x" * 10**6, "completed"), JobState.QUEUED),
        InvalidValueError("unknown_state", "expected queued", "x" * 10**6),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_repr_of_an_error_does_not_grow_with_the_input(error: JobStatusError) -> None:
    """The event loop of asyncio logs the repr of an exception that nobody retrieves."""
    assert repr(error) == f"{type(error).__name__}({str(error)!r})"
    assert len(repr(error)) < 500


def test_the_repr_of_a_problem_cuts_its_value() -> None:
    """The attribute has the value in full."""
    problem = Problem("/status", "unknown_state", "status: x", "y" * 10**6)
    assert len(repr(problem)) < 200
    assert problem.value == "y" * 10**6


def test_a_decode_error_says_that_reading_stopped() -> None:
    """The text says so at the end; programs can read the attribute `truncated`."""
    error = DecodeError([MISSING], 7, truncated=True)
    assert str(error) == f"line 7: {MISSING}; reading stopped here"
    assert error.truncated
    assert not DecodeError([MISSING]).truncated


def test_a_problem_is_an_immutable_value() -> None:
    """It can be weakly referenced, copied, pickled and hashed, but not changed."""
    twin = pickle.loads(pickle.dumps(UNKNOWN))
    assert weakref.ref(UNKNOWN)() is UNKNOWN
    assert copy.copy(UNKNOWN) == copy.deepcopy(UNKNOWN) == twin == UNKNOWN
    assert hash(twin) == hash(UNKNOWN)
    assert not hasattr(UNKNOWN, "__setstate__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(UNKNOWN, "code", "missing")  # noqa: B010 - no type checker allows it


@pytest.mark.parametrize("name", [None, "status"])
def test_a_fault_is_raised_with_its_code_message_and_value(name: str | None) -> None:
    """The message begins with the name of the value, if it has one."""
    with pytest.raises(InvalidValueError) as refused:
        Fault(("unknown_state", "expected queued", "x")).throw(name)
    error = refused.value
    assert (error.code, error.value) == ("unknown_state", "x")
    assert error.message == ("expected queued" if name is None else "status: expected queued")


def test_a_fault_in_a_field_becomes_a_problem() -> None:
    """Its message begins with the name of the field."""
    problem = Fault(("unknown_state", "expected queued, got 'x'", "x")).at("/status", "status")
    assert problem == UNKNOWN


@pytest.mark.parametrize(
    ("token", "escaped"), [("a", "a"), ("~", "~0"), ("/", "~1"), ("~1/~", "~01~1~0"), ("", "")]
)
def test_a_token_of_a_pointer_is_escaped(token: str, escaped: str) -> None:
    """RFC 6901 defines the escapes, and no two tokens give the same text."""
    assert escape_token(token) == escaped


@pytest.mark.parametrize(("number", "more"), [(5, ""), (6, "; and 1 more"), (7, "; and 2 more")])
def test_the_text_of_an_error_shows_five_problems(number: int, more: str) -> None:
    """It ends with the number of the others."""
    assert str(DecodeError([MISSING] * number)) == "; ".join([str(MISSING)] * 5) + more


def test_a_second_initialisation_does_not_change_a_problem() -> None:
    """Other code may hold the same problem."""
    problem: Any = Problem("/id", "missing", "id: required")
    initialise: Any = type(problem).__init__
    initialise(problem, "/status", "null", "status: required")
    assert problem == Problem("/id", "missing", "id: required")


def test_require_job_returns_the_job() -> None:
    """It returns the same object, not a copy."""
    assert require_job(JOB) is JOB


@pytest.mark.parametrize(("value", "shown"), [(None, "None"), ("a", "'a'"), (5, "5")])
def test_require_job_rejects_anything_else(value: object, shown: str) -> None:
    """The message quotes the value."""
    with pytest.raises(TypeError, match=f"^expected a JobStatus, got {shown}$"):
        require_job(value)
