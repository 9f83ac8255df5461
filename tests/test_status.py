"""JobStatus is an immutable value that is always valid, and follows the lifecycle."""

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
    Codec,
    DecodeError,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
    StateName,
    _fields,
    in_state,
    make_converter,
)
from jobstatus._fields import FIELDS
from jobstatus._status import enter
from jobstatus.history import Audit, merge

POINTERS = {field.name: field.pointer for field in FIELDS}
ETA = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
LATER = ETA + timedelta(minutes=5)
FULL = JobStatus("job-42", "processing", progress=40, estimated_completion=ETA, error="odd")

# copy.replace is new in Python 3.13.
REPLACERS = [attrs.evolve, getattr(copy, "replace", attrs.evolve)]


class Silent:
    """A mixin that does not pass __init_subclass__ on, so Python allows the subclass."""

    def __init_subclass__(cls) -> None:
        """Don't call the other base classes."""


Forced: Any = type("Forced", (Silent, JobStatus), {})
CODEC = Codec()
TAKERS: list[Callable[[Any], object]] = [
    CODEC.encode,
    CODEC.to_payload,
    lambda job: CODEC.encode_array([job]),
    lambda job: [*CODEC.encode_lines([job])],
    in_state,
    merge,
    Audit().add,
    lambda job: make_converter().unstructure(job, JobStatus),
    lambda job: IllegalTransitionError(job, JobState.QUEUED),
]


def problems(**fields: Any) -> list[tuple[str, str]]:
    """Return the pointers and codes of the problems in a constructor call."""
    arguments: dict[str, Any] = {"id": "job-42", "status": "queued"} | fields
    with pytest.raises(InvalidJobStatusError) as refused:
        JobStatus(**arguments)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def fail(job: JobStatus) -> object:
    """Fail a job."""
    return job.fail("x")


class TestValue:
    """The value semantics of a JobStatus."""

    def test_it_holds_the_five_fields_of_the_interface(self) -> None:
        """Absent optional fields are None, and so is the field for other members."""
        assert attrs.asdict(FULL) == {
            "id": "job-42",
            "status": JobState.PROCESSING,
            "progress": 40.0,
            "estimated_completion": ETA,
            "error": "odd",
            "_extra": None,
        }
        bare = JobStatus("job-42", JobState.QUEUED)
        assert (bare.progress, bare.estimated_completion, bare.error) == (None, None, None)

    def test_only_id_and_status_may_be_positional(self) -> None:
        """A third positional argument is an error."""
        make: Any = JobStatus
        with pytest.raises(TypeError):
            make("job-42", "queued", 40)
        assert make(id="job-42", status="queued") == make("job-42", "queued")

    def test_values_are_normalised(self) -> None:
        """Values that have the same JSON compare equal."""
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

    def test_any_string_is_a_valid_id_or_error(self) -> None:
        """The empty string and lone surrogates are valid too."""
        job = JobStatus("", "failed", error="\ud800")
        assert (job.id, job.error) == ("", "\ud800")

    def test_it_supports_weak_references(self) -> None:
        """This holds for jobs from the constructor and from JSON."""
        read = JobStatus.from_json(FULL.to_json())
        assert weakref.ref(read)() is read
        assert weakref.ref(FULL)() is FULL

    def test_a_job_from_json_is_as_frozen_as_any_other(self) -> None:
        """The reader fills a mutable draft, but its class is then switched."""
        read = JobStatus.from_json(FULL.to_json())
        assert type(read) is JobStatus
        for name in ("id", "error", "note"):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(read, name, "other")
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                delattr(read, name)
        assert not hasattr(read, "__dict__")
        assert read == FULL

    def test_fields_are_validated_independently(self) -> None:
        """Real producers send failed jobs with progress 100, and queued jobs with an old error."""
        JobStatus("a", "failed", progress=100)
        JobStatus("a", "queued", error="first attempt timed out")
        JobStatus("a", "completed", estimated_completion=ETA)

    def test_all_invalid_fields_are_reported_at_once(self) -> None:
        """Problems are in the interface's order, and each message begins with its field."""
        nonsense: dict[str, Any] = {
            "error": b"",
            "estimated_completion": datetime(2026, 11, 23),  # noqa: DTZ001 - naive on purpose
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
    def test_an_invalid_field_is_rejected(
        self, fields: dict[str, Any], problem: tuple[str, str]
    ) -> None:
        """The constructor never coerces a value."""
        assert problems(**fields) == [problem]

    def test_disabling_the_validators_of_attrs_has_no_effect(self) -> None:
        """A JobStatus is always valid, because it does not use them."""
        attrs.validators.set_disabled(True)
        try:
            assert problems(progress=101) == [("/progress", "out_of_range")]
        finally:
            attrs.validators.set_disabled(False)

    @pytest.mark.parametrize("job", [FULL, JobStatus.from_json(FULL.to_json())])
    def test_calling_init_again_changes_nothing(self, job: JobStatus) -> None:
        """The initialiser that attrs would generate does not exist."""
        before = repr(job)
        init: Any = job.__init__
        init("other", "failed", progress=1)
        assert repr(job) == before
        assert not hasattr(job, "__attrs_init__")

    def test_an_instance_of_the_base_class_cannot_become_a_job(self) -> None:
        """The base class has no fields, so its memory layout differs."""
        base = JobStatus.__base__
        assert base is not None
        with pytest.raises(TypeError, match="layout differs"):
            base().__class__ = JobStatus
        assert not any(hasattr(base, field.name) for field in attrs.fields(JobStatus))

    def test_the_base_class_allows_no_other_subclass(self) -> None:
        """An instance of such a class could become a job, like a draft does."""
        with pytest.raises(TypeError, match="JobStatus is final"):
            type("Sibling", (_fields.Base,), {"__slots__": ("id", "status")})

    def test_a_job_cannot_become_a_draft_again(self) -> None:
        """A draft is mutable, so assigning to `__class__` is an error."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(FULL, "__class__", _fields.Draft)  # noqa: B010 - no type checker allows it

    def test_there_is_no_setstate_that_bypasses_the_constructor(self) -> None:
        """Attrs generates one for slotted classes, and it would check nothing."""
        assert not hasattr(JobStatus, "__setstate__")

    @pytest.mark.parametrize("name", ["id", "status", "progress", "estimated_completion", "error"])
    @pytest.mark.parametrize("kind", [str, float, int, Decimal, datetime])
    def test_mocks_are_rejected(self, name: str, kind: type) -> None:
        """A mock claims to be of the right class, but its real type counts."""
        assert problems(**{name: Mock(spec=kind)}) == [(POINTERS[name], "wrong_type")]

    def test_a_number_whose_conversion_fails_is_rejected(self) -> None:
        """Any exception from `__float__` becomes a problem."""

        class Broken(float):
            """A float that cannot be converted."""

            def __float__(self) -> float:
                """Raise an error."""
                raise KeyError

        assert problems(progress=Broken(5)) == [("/progress", "out_of_range")]

    @pytest.mark.parametrize("name", ["id", "status", "progress", "new"])
    def test_it_cannot_be_changed(self, name: str) -> None:
        """It is frozen, and new attributes cannot be added either."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(FULL, name, "x")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(FULL, name)
        assert not hasattr(FULL, "__dict__")

    def test_it_cannot_be_subclassed(self) -> None:
        """A subclass could break the promises of the class."""
        with pytest.raises(
            TypeError, match=r"^JobStatus is final: a subclass could be invalid or mutable$"
        ):
            type("Mine", (JobStatus,), {})

    def test_the_constructor_of_a_forced_subclass_returns_a_jobstatus(self) -> None:
        """A mixin that swallows __init_subclass__ can force a subclass."""
        assert type(Forced("a", "queued")) is JobStatus
        assert type(Forced.from_json('{"id":"a","status":"queued"}')) is JobStatus

    @pytest.mark.parametrize("take", TAKERS)
    def test_a_job_of_a_forced_subclass_is_rejected(self, take: Callable[[Any], object]) -> None:
        """It may override any method, so no function trusts it."""
        job = object.__new__(Forced)
        with pytest.raises(
            TypeError, match=r"^expected a JobStatus, got a subclass: <class '.*Forced'>$"
        ):
            take(job)

    def test_it_is_compared_and_hashed_by_value(self) -> None:
        """A tuple of the same values is not equal to it."""
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
    def test_the_repr_is_a_constructor_call(self, job: JobStatus) -> None:
        """Evaluating it gives an equal job; absent fields are left out."""
        import datetime as dt

        scope = {"JobStatus": JobStatus, "datetime": dt}
        assert eval(repr(job), scope) == job  # noqa: S307 - our own repr
        assert "None" not in repr(job)

    def test_pretty_printers_show_the_repr(self) -> None:
        """Hypothesis and IPython then print one line that can be pasted into code."""
        assert pretty(FULL) == repr(FULL)

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_it_can_be_pickled(self, protocol: int) -> None:
        """Unpickling gives an equal job with every protocol."""
        for job in (FULL, JobStatus("\ud800", "queued")):
            assert pickle.loads(pickle.dumps(job, protocol)) == job

    def test_a_forged_pickle_cannot_create_an_invalid_job(self) -> None:
        """Unpickling calls the constructor, which validates all fields."""
        forged = pickle.dumps(FULL, 0).replace(b"40.0", b"4000")
        with pytest.raises(InvalidJobStatusError):
            pickle.loads(forged)

    def test_a_copy_is_the_same_object(self) -> None:
        """An immutable value need not be copied."""
        assert copy.copy(FULL) is copy.deepcopy(FULL) is FULL

    @pytest.mark.parametrize("replace", REPLACERS)
    def test_replacing_a_field_validates_it(self, replace: Callable[..., JobStatus]) -> None:
        """This holds for `attrs.evolve` and for `copy.replace`."""
        assert replace(FULL, progress=41) == JobStatus(
            "job-42", "processing", progress=41, estimated_completion=ETA, error="odd"
        )
        with pytest.raises(InvalidJobStatusError):
            replace(FULL, progress=101)

    def test_a_match_statement_takes_id_and_status_by_position(self) -> None:
        """The other fields must be matched by name."""

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

    def test_a_subscripted_class_creates_the_same_jobs(self) -> None:
        """The type parameter matters only to type checkers."""
        assert JobStatus[Any]("job-42", "queued") == JobStatus("job-42", "queued")


class TestSteps:
    """The transitions of a JobStatus."""

    def test_a_field_that_is_not_given_depends_on_the_new_state(self) -> None:
        """A missing entry means the same as NOTHING."""
        assert enter(FULL, JobState.PROCESSING) == attrs.evolve(FULL, error=None)

    def test_a_job_goes_from_queued_through_processing_to_completed(self) -> None:
        """Each step returns a new value and leaves the old one unchanged."""
        queued = JobStatus.queued("job-42", estimated_completion=ETA)
        started = queued.start(progress=0)
        updated = started.update(progress=40, estimated_completion=LATER)
        done = updated.complete()
        assert queued == JobStatus("job-42", "queued", estimated_completion=ETA)
        assert started == JobStatus("job-42", "processing", progress=0, estimated_completion=ETA)
        assert updated == JobStatus("job-42", "processing", progress=40, estimated_completion=LATER)
        assert done == JobStatus("job-42", "completed", progress=100)

    def test_starting_keeps_or_sets_progress_and_estimate_and_clears_the_error(self) -> None:
        """An argument of None clears the field."""
        queued: Any = JobStatus(
            "a", "queued", progress=10, estimated_completion=ETA, error="first attempt"
        )
        assert queued.start() == JobStatus("a", "processing", progress=10, estimated_completion=ETA)
        assert queued.start(progress=None, estimated_completion=LATER) == JobStatus(
            "a", "processing", estimated_completion=LATER
        )

    def test_completing_sets_progress_to_100_and_clears_estimate_and_error(self) -> None:
        """A completed job needs neither of them."""
        assert FULL.complete() == JobStatus("job-42", "completed", progress=100)

    def test_failing_keeps_the_progress_and_sets_the_error(self) -> None:
        """It clears the estimate."""
        assert FULL.fail("disk full") == JobStatus(
            "job-42", "failed", progress=40, error="disk full"
        )

    def test_cancelling_keeps_the_progress_and_may_set_an_error(self) -> None:
        """It clears an old error, which is not the reason for the cancellation."""
        assert FULL.cancel() == JobStatus("job-42", "cancelled", progress=40)
        assert FULL.cancel("by the customer").error == "by the customer"

    def test_returning_to_queued_clears_progress_estimate_and_error(self) -> None:
        """A retry starts from scratch."""
        assert FULL.transition_to("queued", lifecycle=RETRYING) == JobStatus.queued("job-42")

    def test_updating_changes_only_the_given_fields(self) -> None:
        """None clears a field, an omitted field keeps its value, and the error stays."""
        assert FULL.update() == FULL
        assert FULL.update(progress=None) == attrs.evolve(FULL, progress=None)
        assert FULL.update(estimated_completion=None) == attrs.evolve(
            FULL, estimated_completion=None
        )
        assert JobStatus.queued("a").update(progress=1).status is JobState.QUEUED

    @pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
    def test_an_outcome_cannot_be_updated(self, status: Any) -> None:
        """An outcome is terminal, so the list of allowed states is empty."""
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
        """An illegal step raises an error with all details, and leaves the job unchanged."""
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
        """Type checkers do not know the state of a job that was read."""
        with pytest.raises(IllegalTransitionError):
            step(JobStatus("a", state))

    def test_transition_to_failed_requires_an_error(self) -> None:
        """It may not be omitted, and may not be None."""
        for error in (attrs.NOTHING, None):
            with pytest.raises(InvalidJobStatusError) as refused:
                FULL.transition_to("failed", error=error)
            (problem,) = refused.value.problems
            assert (problem.pointer, problem.code) == ("/error", "missing")

    def test_a_step_rejects_fields_that_it_does_not_set(self) -> None:
        """These problems and invalid values are reported at once."""
        text: Any = 5
        with pytest.raises(InvalidJobStatusError) as refused:
            FULL.transition_to("failed", progress=50, estimated_completion=None, error=text)
        assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [
            ("/progress", "not_settable"),
            ("/estimatedCompletion", "not_settable"),
            ("/error", "wrong_type"),
        ]

    def test_a_step_to_an_unknown_state_is_rejected(self) -> None:
        """It is an invalid value, not an illegal transition."""
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
        """The old job is unchanged."""
        with pytest.raises(InvalidJobStatusError):
            FULL.update(progress=101)
        assert FULL.progress == 40.0

    def test_a_custom_lifecycle_replaces_the_standard_one(self) -> None:
        """Steps that only STANDARD allows are rejected."""
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


NOT_BY_ATTRIBUTE = "^a JobStatus is read by from_json or a Codec, not attribute by attribute$"


def test_attrs_knows_the_defaults_of_the_fields() -> None:
    """Other libraries look them up there."""
    defaults = [field.default for field in attrs.fields(JobStatus)]
    assert defaults == [attrs.NOTHING, attrs.NOTHING, None, None, None, None]


def test_the_message_about_an_unknown_target_lists_the_states() -> None:
    """It begins with the name of the field."""
    job: Any = JobStatus.queued("a")
    with pytest.raises(InvalidJobStatusError) as refused:
        job.transition_to("paused")
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/status", "unknown_state")
    assert problem.message == (
        "status: expected queued, processing, completed, failed or cancelled, got 'paused'"
    )


@pytest.mark.parametrize("document", [' {"id":"a","status":"queued"}', b'{"id":"a","status":1}'])
def test_from_json_uses_the_default_policy(document: str | bytes) -> None:
    """This holds on the slow path too."""
    results = list[object]()
    for read in (JobStatus.from_json, Codec().decode):
        try:
            results.append(read(document))
        except DecodeError as error:
            results.append(error.problems)
    assert results[0] == results[1]


def test_decoders_that_set_attributes_directly_are_rejected() -> None:
    """Msgspec would do this with any attrs class, without checking the range."""
    document = b'{"id":"a","status":"queued","progress":140}'
    with pytest.raises(msgspec.ValidationError, match=NOT_BY_ATTRIBUTE):
        msgspec.json.decode(document, type=JobStatus)


@pytest.mark.parametrize("state", JobState)
def test_in_state_checks_for_any_of_the_given_states(state: JobState) -> None:
    """Without any states, the result is false."""
    job: JobStatus = JobStatus("a", state)
    others = [other for other in JobState if other is not state]
    assert in_state(job, state)
    assert in_state(job, *JobState)
    assert not in_state(job, *others)
    assert not in_state(job)


def test_in_state_rejects_anything_but_a_job() -> None:
    """A state, for example, raises TypeError."""
    ask: Any = in_state
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got 'queued'$"):
        ask("queued", "queued")


@pytest.mark.parametrize("lifecycle", [None, {"queued": ["processing"]}])
def test_a_step_rejects_anything_but_a_lifecycle(lifecycle: Any) -> None:
    """A plain table is not a Lifecycle."""
    with pytest.raises(TypeError) as refused:
        JobStatus.queued("a").transition_to("processing", lifecycle=lifecycle)
    assert str(refused.value) == f"lifecycle: expected a Lifecycle, got {lifecycle!r}"


def test_in_state_rejects_an_unknown_state() -> None:
    """A misspelt state must not silently give false."""
    ask: Any = in_state
    with pytest.raises(InvalidValueError, match=r"got 'faild'; did you mean 'failed'\?$"):
        ask(FULL, "faild")
