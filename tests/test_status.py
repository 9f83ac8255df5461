"""JobStatus is an immutable, always valid value, and moves as the lifecycle says."""

from __future__ import annotations

import copy
import pickle
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product
from typing import Any
from unittest.mock import Mock

import attrs
import msgspec
import pytest
from hypothesis.vendor.pretty import pretty

from jobstatus import (
    RETRYING,
    STANDARD,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
    StateName,
    in_state,
)
from jobstatus._fields import FIELDS
from jobstatus._status import enter

POINTERS = {field.name: field.pointer for field in FIELDS}
ETA = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
LATER = ETA + timedelta(minutes=5)
FULL = JobStatus("job-42", "processing", progress=40, estimated_completion=ETA, error="odd")

# copy.replace is new in Python 3.13.
REPLACERS = [attrs.evolve, getattr(copy, "replace", attrs.evolve)]


def problems(**fields: Any) -> list[tuple[str, str]]:
    """Return the pointers and codes of what is wrong with a construction."""
    arguments: dict[str, Any] = {"id": "job-42", "status": "queued"} | fields
    with pytest.raises(InvalidJobStatusError) as refused:
        JobStatus(**arguments)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def fail(job: JobStatus) -> object:
    """Fail a job."""
    return job.fail("x")


class TestValue:
    """What a JobStatus is."""

    def test_it_holds_the_five_fields_of_the_interface(self) -> None:
        """Optional ones are None where they are absent."""
        assert attrs.asdict(FULL) == {
            "id": "job-42",
            "status": JobState.PROCESSING,
            "progress": 40.0,
            "estimated_completion": ETA,
            "error": "odd",
        }
        bare = JobStatus("job-42", JobState.QUEUED)
        assert (bare.progress, bare.estimated_completion, bare.error) == (None, None, None)

    def test_id_and_status_may_be_positional_and_the_rest_may_not(self) -> None:
        """A third positional argument is an error."""
        make: Any = JobStatus
        with pytest.raises(TypeError):
            make("job-42", "queued", 40)
        assert make(id="job-42", status="queued") == make("job-42", "queued")

    def test_values_are_normalised(self) -> None:
        """Equal on the wire is equal here."""
        job = JobStatus(
            "\ud83d\ude00",
            "queued",
            progress=-0.0,
            estimated_completion=datetime(
                2026, 11, 23, 15, 40, 0, 123_999, tzinfo=timezone(timedelta(hours=1))
            ),
        )
        twin = JobStatus("\U0001f600", "queued", progress=0, estimated_completion=ETA)
        assert job == twin
        assert hash(job) == hash(twin)
        assert job.estimated_completion is not None
        assert job.estimated_completion.tzinfo is UTC
        assert (type(job.progress), repr(job.progress)) == (float, "0.0")

    def test_any_string_is_an_id_or_an_error(self) -> None:
        """The empty string and lone surrogates are legal."""
        job = JobStatus("", "failed", error="\ud800")
        assert (job.id, job.error) == ("", "\ud800")

    def test_it_can_be_referred_to_weakly(self) -> None:
        """Whichever way it was made."""
        read = JobStatus.from_json(FULL.to_json())
        assert weakref.ref(read)() is read
        assert weakref.ref(FULL)() is FULL

    def test_what_was_read_is_as_frozen_as_what_was_made(self) -> None:
        """It was written while it was a draft, and is none any more."""
        read = JobStatus.from_json(FULL.to_json())
        assert type(read) is JobStatus
        for name in ("id", "error", "note"):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(read, name, "other")
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                delattr(read, name)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            read.__init__("other", "queued")
        assert not hasattr(read, "__dict__")
        assert read == FULL

    def test_no_rule_ties_one_field_to_another(self) -> None:
        """Real peers send a failed job with progress 100, and a queued one with an old error."""
        JobStatus("a", "failed", progress=100)
        JobStatus("a", "queued", error="first attempt timed out")
        JobStatus("a", "completed", estimated_completion=ETA)

    def test_all_wrong_fields_are_reported_at_once(self) -> None:
        """One problem a field, in the interface's order, each with its own name first."""
        nonsense: dict[str, Any] = {
            "error": b"",
            "estimated_completion": datetime(2026, 11, 23),  # noqa: DTZ001 - what is refused
            "progress": True,
            "status": "done",
            "id": 5,
        }
        with pytest.raises(InvalidJobStatusError) as refused:
            JobStatus(**nonsense)
        assert [(p.pointer, p.code, p.message.split(":")[0]) for p in refused.value.problems] == [
            ("/id", "wrong_type", "id"),
            ("/status", "unknown_state", "status"),
            ("/progress", "wrong_type", "progress"),
            ("/estimatedCompletion", "no_offset", "estimated_completion"),
            ("/error", "wrong_type", "error"),
        ]
        assert refused.value.problems[1].value == "done"

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"id": None}, ("/id", "wrong_type")),
            ({"status": None}, ("/status", "wrong_type")),
            ({"status": 0}, ("/status", "wrong_type")),
            ({"status": "Queued"}, ("/status", "unknown_state")),
            ({"progress": "50"}, ("/progress", "wrong_type")),
            ({"progress": float("nan")}, ("/progress", "out_of_range")),
            ({"progress": 100.5}, ("/progress", "out_of_range")),
            ({"estimated_completion": "2026-11-23"}, ("/estimatedCompletion", "wrong_type")),
            ({"estimated_completion": 0}, ("/estimatedCompletion", "wrong_type")),
            ({"error": 404}, ("/error", "wrong_type")),
        ],
    )
    def test_each_wrong_field_is_refused(
        self, fields: dict[str, Any], problem: tuple[str, str]
    ) -> None:
        """Nothing is coerced."""
        assert problems(**fields) == [problem]

    def test_no_switch_of_attrs_lets_an_invalid_value_through(self) -> None:
        """`attrs.validators.set_disabled` has no say."""
        attrs.validators.set_disabled(True)
        try:
            assert problems(progress=101) == [("/progress", "out_of_range")]
        finally:
            attrs.validators.set_disabled(False)

    def test_a_refused_construction_leaves_no_half_object(self) -> None:
        """What is refused has set nothing."""
        job = object.__new__(JobStatus)
        init: Any = job.__init__
        with pytest.raises(InvalidJobStatusError):
            init("a", "queued", progress=101)
        assert not any(hasattr(job, field.name) for field in attrs.fields(JobStatus))

    def test_the_constructor_is_not_called_twice(self) -> None:
        """Not even by hand: a value that others hold stays what it is."""
        job = JobStatus("job-42", "queued")
        init: Any = job.__init__
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            init("other", "failed")
        assert job == JobStatus("job-42", "queued")

    def test_no_state_can_be_set_past_the_constructor(self) -> None:
        """What attrs gives slotted classes for pickling would not check."""
        assert not hasattr(JobStatus, "__setstate__")

    @pytest.mark.parametrize("name", ["id", "status", "progress", "estimated_completion", "error"])
    @pytest.mark.parametrize("kind", [str, float, int, Decimal, datetime])
    def test_mocks_are_refused(self, name: str, kind: type) -> None:
        """A mock that says it is of the right class is not."""
        assert problems(**{name: Mock(spec=kind)}) == [(POINTERS[name], "wrong_type")]

    def test_a_number_that_fails_is_refused(self) -> None:
        """Whatever its __float__ raises."""

        class Broken(float):
            """A float that is none."""

            def __float__(self) -> float:
                """Fail."""
                raise KeyError

        assert problems(progress=Broken(5)) == [("/progress", "out_of_range")]

    @pytest.mark.parametrize("name", ["id", "status", "progress", "new"])
    def test_it_cannot_be_changed(self, name: str) -> None:
        """It is frozen, and has no room for more attributes."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(FULL, name, "x")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(FULL, name)
        assert not hasattr(FULL, "__dict__")

    def test_it_cannot_be_subclassed(self) -> None:
        """A subclass could break what the class promises."""
        with pytest.raises(
            TypeError, match=r"^JobStatus is final: a subclass could not keep its promises$"
        ):
            type("Mine", (JobStatus,), {})

    def test_it_is_equal_by_value_and_hashes(self) -> None:
        """Equal jobs are one member of a set; another type is never equal."""
        twin = JobStatus(
            "job-42", "processing", progress=40.0, estimated_completion=ETA, error="odd"
        )
        assert {FULL, twin} == {FULL}
        assert attrs.evolve(FULL, progress=41) != FULL
        other: object = attrs.astuple(FULL)
        assert other != FULL

    @pytest.mark.parametrize(
        "job", [FULL, JobStatus("a", "queued"), JobStatus("", "failed", error="\ud800'\"\n")]
    )
    def test_the_repr_is_the_call_that_makes_it(self, job: JobStatus) -> None:
        """Evaluated, it gives an equal job; absent fields are left out."""
        import datetime as dt

        scope = {"JobStatus": JobStatus, "datetime": dt}
        assert eval(repr(job), scope) == job  # noqa: S307 - our own repr
        assert "None" not in repr(job)

    def test_it_is_printed_prettily_as_its_repr(self) -> None:
        """On one line that can be pasted, by Hypothesis as by IPython."""
        assert pretty(FULL) == repr(FULL)

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_it_pickles(self, protocol: int) -> None:
        """A pickle gives an equal job."""
        for job in (FULL, JobStatus("\ud800", "queued")):
            assert pickle.loads(pickle.dumps(job, protocol)) == job

    def test_a_forged_pickle_makes_no_invalid_job(self) -> None:
        """Unpickling goes through the constructor."""
        forged = pickle.dumps(FULL, 0).replace(b"40.0", b"4000")
        with pytest.raises(InvalidJobStatusError):
            pickle.loads(forged)

    def test_a_copy_is_itself(self) -> None:
        """What never changes need not be copied."""
        assert copy.copy(FULL) is copy.deepcopy(FULL) is FULL

    @pytest.mark.parametrize("replace", REPLACERS)
    def test_replacing_a_field_checks_it(self, replace: Callable[..., JobStatus]) -> None:
        """An edited value is valid or refused, by attrs and by the standard library."""
        assert replace(FULL, progress=41) == JobStatus(
            "job-42", "processing", progress=41, estimated_completion=ETA, error="odd"
        )
        with pytest.raises(InvalidJobStatusError):
            replace(FULL, progress=101)

    def test_it_matches_by_position_and_by_keyword(self) -> None:
        """`match` sees id and status by position, the rest by name."""

        def describe(job: JobStatus) -> str:
            match job:
                case JobStatus(id, JobState.QUEUED):
                    return f"{id} waits"
                case JobStatus(progress=float(progress), error=None):
                    return f"at {progress}"
                case _:
                    return f"because {job.error}"

        jobs = [JobStatus.queued("a"), JobStatus("a", "completed", progress=100), FULL]
        assert list(map(describe, jobs)) == ["a waits", "at 100.0", "because odd"]
        assert JobStatus.__match_args__ == ("id", "status")

    def test_a_subscript_is_the_same_class(self) -> None:
        """The parameter is for type checkers alone."""
        assert JobStatus[Any]("job-42", "queued") == JobStatus("job-42", "queued")


class TestSteps:
    """How a JobStatus moves."""

    def test_a_step_that_says_nothing_of_a_field_leaves_it_to_the_state(self) -> None:
        """No entry is as good as NOTHING."""
        assert enter(FULL, JobState.PROCESSING, {}) == attrs.evolve(FULL, error=None)

    def test_a_job_runs_to_its_end(self) -> None:
        """Queued, processing, completed; each step gives a new value."""
        queued = JobStatus.queued("job-42", estimated_completion=ETA)
        started = queued.start(progress=0)
        updated = started.update(progress=40, estimated_completion=LATER)
        done = updated.complete()
        assert queued == JobStatus("job-42", "queued", estimated_completion=ETA)
        assert started == JobStatus("job-42", "processing", progress=0, estimated_completion=ETA)
        assert updated == JobStatus("job-42", "processing", progress=40, estimated_completion=LATER)
        assert done == JobStatus("job-42", "completed", progress=100)

    def test_starting_keeps_or_sets_progress_and_estimate_and_drops_an_old_error(self) -> None:
        """None takes a field away."""
        queued: Any = JobStatus(
            "a", "queued", progress=10, estimated_completion=ETA, error="first attempt"
        )
        assert queued.start() == JobStatus("a", "processing", progress=10, estimated_completion=ETA)
        assert queued.start(progress=None, estimated_completion=LATER) == JobStatus(
            "a", "processing", estimated_completion=LATER
        )

    def test_completing_sets_progress_to_100_and_drops_estimate_and_error(self) -> None:
        """A completed job is complete."""
        assert FULL.complete() == JobStatus("job-42", "completed", progress=100)

    def test_failing_keeps_the_progress_reached_and_takes_the_error(self) -> None:
        """The estimate is dropped."""
        assert FULL.fail("disk full") == JobStatus(
            "job-42", "failed", progress=40, error="disk full"
        )

    def test_cancelling_keeps_the_progress_reached_and_may_take_an_error(self) -> None:
        """An old error is not the reason of the cancellation."""
        assert FULL.cancel() == JobStatus("job-42", "cancelled", progress=40)
        assert FULL.cancel("by the customer").error == "by the customer"

    def test_going_back_to_queued_clears_progress_estimate_and_error(self) -> None:
        """A retry begins anew."""
        assert FULL.transition_to("queued", lifecycle=RETRYING) == JobStatus.queued("job-42")

    def test_updating_changes_what_is_given(self) -> None:
        """None takes a field away, nothing leaves it, and the error stays."""
        assert FULL.update() == FULL
        assert FULL.update(progress=None) == attrs.evolve(FULL, progress=None)
        assert FULL.update(estimated_completion=None) == attrs.evolve(
            FULL, estimated_completion=None
        )
        assert JobStatus.queued("a").update(progress=1).status is JobState.QUEUED

    @pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
    def test_an_outcome_is_not_updated(self, status: Any) -> None:
        """What ended stays as it ended."""
        job = JobStatus("a", status)
        with pytest.raises(IllegalTransitionError) as refused:
            job.update(progress=1)
        assert (refused.value.source, refused.value.target) == (status, status)
        assert refused.value.allowed == frozenset()

    @pytest.mark.parametrize(("source", "target"), [*product(JobState, JobState)])
    @pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING])
    def test_a_step_is_legal_exactly_if_the_table_has_it(
        self, source: JobState, target: JobState, lifecycle: Any
    ) -> None:
        """An illegal one says what it was and what is allowed, and changes nothing."""
        job = JobStatus("a", source, progress=7)
        error: Any = "x" if target is JobState.FAILED else attrs.NOTHING
        if lifecycle.allows(source, target):
            assert job.transition_to(target, lifecycle=lifecycle, error=error).status is target
            return
        with pytest.raises(IllegalTransitionError) as refused:
            job.transition_to(target, lifecycle=lifecycle, error=error)
        assert refused.value.job is job
        assert refused.value.source is source
        assert refused.value.target is target
        assert refused.value.allowed == lifecycle.targets(source)
        assert job == JobStatus("a", source, progress=7)

    @pytest.mark.parametrize(
        ("state", "step"),
        [
            ("processing", JobStatus.start),
            ("queued", JobStatus.complete),
            ("completed", fail),
            ("cancelled", JobStatus.cancel),
        ],
    )
    def test_the_named_steps_are_checked_at_run_time_too(
        self, state: Any, step: Callable[[JobStatus], object]
    ) -> None:
        """A job that was read has any state, so that its steps are checked as they are taken."""
        with pytest.raises(IllegalTransitionError):
            step(JobStatus("a", state))

    def test_a_failure_needs_an_error(self) -> None:
        """The general step asks for it too."""
        for error in (attrs.NOTHING, None):
            with pytest.raises(InvalidJobStatusError) as refused:
                FULL.transition_to("failed", error=error)
            (problem,) = refused.value.problems
            assert (problem.pointer, problem.code) == ("/error", "missing")

    def test_a_step_takes_only_what_it_sets(self) -> None:
        """All that is wrong is said at once: what is not taken and what is not valid."""
        text: Any = 5
        with pytest.raises(InvalidJobStatusError) as refused:
            FULL.transition_to("failed", progress=50, estimated_completion=None, error=text)
        assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [
            ("/progress", "not_settable"),
            ("/estimatedCompletion", "not_settable"),
            ("/error", "wrong_type"),
        ]

    def test_a_step_to_no_state_is_refused(self) -> None:
        """An unknown state is a wrong value, and no illegal move."""
        unknown: Any = "done"
        with pytest.raises(InvalidJobStatusError) as refused:
            FULL.transition_to(unknown)
        (problem,) = refused.value.problems
        assert (problem.pointer, problem.code, problem.value) == (
            "/status",
            "unknown_state",
            "done",
        )

    def test_a_step_with_an_invalid_value_changes_nothing(self) -> None:
        """The job is what it was."""
        with pytest.raises(InvalidJobStatusError):
            FULL.update(progress=101)
        assert FULL.progress == 40.0

    def test_a_users_lifecycle_is_obeyed(self) -> None:
        """What only STANDARD has is refused too."""
        rows: dict[StateName, list[StateName]] = {"queued": ["completed"], "processing": []}
        outcomes: dict[StateName, list[StateName]] = {
            "completed": [],
            "failed": [],
            "cancelled": [],
        }
        narrow = Lifecycle(rows | outcomes)
        queued = JobStatus.queued("a")
        assert queued.transition_to("completed", lifecycle=narrow).progress == 100
        with pytest.raises(IllegalTransitionError) as refused:
            queued.transition_to("processing", lifecycle=narrow)
        assert refused.value.allowed == {JobState.COMPLETED}


WRONG_DOOR = "^a JobStatus is read by from_json or a Codec, not attribute by attribute$"


def test_a_decoder_that_fills_attributes_is_refused() -> None:
    """As that of msgspec is, which takes attrs' classes for its own and checks no range."""
    document = b'{"id":"a","status":"queued","progress":140}'
    with pytest.raises(msgspec.ValidationError, match=WRONG_DOOR):
        msgspec.json.decode(document, type=JobStatus)


@pytest.mark.parametrize("state", JobState)
def test_in_state_tells_whether_a_job_is_in_one_of_some_states(state: JobState) -> None:
    """No states hold no job."""
    job: JobStatus = JobStatus("a", state)
    others = [other for other in JobState if other is not state]
    assert in_state(job, state)
    assert in_state(job, *JobState)
    assert not in_state(job, *others)
    assert not in_state(job)


def test_in_state_refuses_what_is_no_state() -> None:
    """A misspelt state is not silently false."""
    ask: Any = in_state
    with pytest.raises(InvalidValueError, match=r"got 'faild'$"):
        ask(FULL, "faild")
