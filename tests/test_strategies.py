"""The strategies draw every value that they document, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from jobstatus import (
    RETRYING,
    STANDARD,
    Cancelled,
    Codec,
    Completed,
    DecodeError,
    Failed,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
    strategies,
)
from jobstatus.errors import ProblemCode
from jobstatus.strategies import (
    dates,
    histories,
    illegal_histories,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
    observations,
    payloads,
)
from tests.support import categories

FUNCTIONS: list[str] = [name for name in strategies.__all__ if name.islower()]
BULLET = re.compile(r"^ +- (.+?)$", re.MULTILINE)
PLAIN = settings(
    max_examples=10_000,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class AllSeenError(Exception):
    """Every category has been drawn."""


def any_value(_: object) -> bool:
    """Return True for any value."""
    return True


def draw(strategy: st.SearchStrategy[Any], wanted: dict[str, categories.Predicate]) -> set[str]:
    """Draw until each category was seen, at most 10,000 times, and return the missing ones."""
    missing = dict(wanted)

    @PLAIN
    @given(strategy)
    def run(value: Any) -> None:
        for name in [name for name, holds in missing.items() if holds(value)]:
            del missing[name]
        if not missing:
            raise AllSeenError

    with suppress(AllSeenError):
        run()
    return set(missing)


@pytest.mark.sampling
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_category_of_the_docstring_is_drawn(name: str) -> None:
    """The docstring lists the categories of tests/support/categories.py."""
    function: Callable[[], st.SearchStrategy[Any]] = getattr(strategies, name)
    wanted: dict[str, categories.Predicate] = getattr(categories, name)()
    assert BULLET.findall(function.__doc__ or "") == list(wanted)
    assert draw(function(), wanted) == set()


@pytest.mark.sampling
def test_iso8601_dates_are_drawn_for_the_policy_iso8601() -> None:
    """The documents have every form of ISO 8601 that ECMA-262 lacks."""
    jobs = job_statuses(
        ids=st.just("a"), progress_values=st.none(), dates=dates(), error_texts=st.none()
    )
    forms = categories.iso8601_dates()
    assert draw(json_documents(codec=Codec(dates="iso8601"), jobs=jobs), forms) == set()


@pytest.mark.sampling
def test_deviations_are_drawn_for_a_codec_that_reads_them() -> None:
    """The documents have all forms that the options allow, and the payloads all their faults."""
    codec = categories.DEVIATING
    assert draw(json_documents(codec=codec), categories.deviations()) == set()
    assert draw(invalid_payloads(codec=codec), categories.invalid_deviations()) == set()


def test_from_type_resolves_jobstatus() -> None:
    """It works with or without a parameter, and leaves the base types alone."""
    assert find(st.from_type(JobStatus), any_value) == JobStatus("", "queued")
    assert find(st.from_type(JobStatus[Failed]), any_value) == JobStatus("", "failed")
    outcomes = JobStatus[Completed | Failed | Cancelled]
    wanted = {"states": categories.every(STANDARD.terminal, lambda job: [job.status])}
    assert draw(st.from_type(outcomes), wanted) == set()
    base: Any = Hashable
    assert not isinstance(find(st.from_type(base), any_value), JobStatus)


@pytest.mark.sampling
def test_every_problem_code_of_a_reader_is_drawn() -> None:
    """The reader rejects unknown keys."""
    elsewhere = {
        "id_mismatch",
        "invalid_lifecycle",
        "invalid_option",
        "invalid_version",
        "mixed_jobs",
        "not_settable",
    }
    codes = set(get_args(ProblemCode)) - elsewhere
    seen = categories.every(codes, lambda invalid: [code for _, code in invalid.problems])
    assert draw(invalid_documents(codec=Codec(unknown_keys="reject")), {"codes": seen}) == set()


@pytest.mark.sampling
def test_invalid_payloads_point_at_their_unknown_keys() -> None:
    """The pointer is that of the key, escaped by RFC 6901, or of the object for a long key."""
    codec = Codec(unknown_keys="reject")
    pointers = {("/a~1b", "unknown_key"), ("/m~0n", "unknown_key"), ("", "unknown_key")}
    seen = categories.every(pointers, lambda invalid: invalid.problems)
    assert draw(invalid_payloads(codec=codec), {"pointers": seen}) == set()


@given(
    job_statuses(
        states=["failed", JobState.CANCELLED],
        ids=st.just("a"),
        progress_values=st.sampled_from([None, 40]),
        dates=st.just(datetime(2026, 11, 23, tzinfo=UTC)),
        error_texts=st.none(),
    )
)
def test_job_statuses_uses_the_given_strategies(job: JobStatus) -> None:
    """Each field is drawn from its strategy, which may draw None for absent."""
    assert job.status in {JobState.FAILED, JobState.CANCELLED}
    assert (job.id, job.error) == ("a", None)
    assert job.progress in {None, 40}
    assert job.estimated_completion == datetime(2026, 11, 23, tzinfo=UTC)


def test_an_unknown_state_is_rejected() -> None:
    """The error is raised at the first draw, as is the one for an empty list of states."""
    unknown_states: Any = ["done"]
    with pytest.raises(InvalidValueError, match="expected queued, processing"):
        find(job_statuses(states=unknown_states), bool)
    with pytest.raises(InvalidArgument):
        find(job_statuses(states=[]), bool)


JOB = JobStatus("a", "failed", error="timeout")


@given(payloads(jobs=st.just(JOB)), json_documents(jobs=st.just(JOB)))
def test_payloads_and_documents_contain_the_given_jobs(
    payload: object, document: strategies.JsonDocument
) -> None:
    """The strategy draws a single job."""
    assert payload == {"id": "a", "status": "failed", "error": "timeout"}
    assert document.job == JOB


EXTRA = JobStatus("a", "queued", extra={"x": 1.5})
KEEP = Codec(unknown_keys="keep")


@given(json_documents(jobs=st.just(EXTRA), codec=KEEP), json_documents(jobs=st.just(EXTRA)))
def test_documents_have_the_extra_members_of_a_given_job(
    kept: strategies.JsonDocument, ignored: strategies.JsonDocument
) -> None:
    """A codec that keeps no members returns a job without them."""
    assert kept.job == KEEP.decode(kept.data) == EXTRA
    assert ignored.job == JobStatus("a", "queued")


DEEP = Codec(unknown_keys="keep", max_depth=500).decode(
    f'{{"id":"a","status":"queued","x":{"[" * 80}{"]" * 80}}}'
)


@given(st.data())
def test_no_document_is_deeper_than_the_codec_reads(data: st.DataObject) -> None:
    """A job that the codec cannot read is rejected, and its members are left out elsewhere."""
    jobs = st.sampled_from([DEEP, EXTRA])
    document = data.draw(json_documents(jobs=jobs, codec=KEEP))
    assert KEEP.decode(document.data) == document.job == EXTRA
    invalid = data.draw(invalid_documents(jobs=st.just(DEEP), codec=KEEP))
    with pytest.raises(DecodeError) as rejected:
        KEEP.decode(invalid.data)
    problems = {(problem.pointer, problem.code) for problem in rejected.value.problems}
    assert problems == invalid.problems


@pytest.mark.sampling
def test_documents_with_kept_members_are_drawn_for_a_codec_that_keeps_them() -> None:
    """The members of the document are those of the job."""
    wanted: dict[str, categories.Predicate] = {
        "none": lambda document: not document.job.extra,
        "a scalar": lambda document: any(type(v) is int for v in document.job.extra.values()),
        "an array": lambda document: any(type(v) is list for v in document.job.extra.values()),
        "blanks inside": lambda document: b"[ " in document.data,
        "a key with a slash": lambda document: "a/b" in document.job.extra,
    }
    assert draw(json_documents(codec=KEEP), wanted) == set()


@given(invalid_payloads(jobs=st.just(JOB)))
def test_invalid_payloads_change_only_the_reported_keys(invalid: strategies.InvalidPayload) -> None:
    """The other values are those of the given job."""
    for key, value in JOB.to_payload().items():
        if all(pointer != f"/{key}" for pointer, _ in invalid.problems):
            assert invalid.payload[key] == value


FLAT = Codec(max_depth=1)


@given(invalid_documents(codec=FLAT))
def test_invalid_documents_respect_a_maximum_depth_of_1(
    invalid: strategies.InvalidDocument,
) -> None:
    """The reader reports the drawn problems, and never reports nesting instead."""
    with pytest.raises(DecodeError) as rejected:
        FLAT.decode(invalid.data)
    found = {(problem.pointer, problem.code) for problem in rejected.value.problems}
    assert found == invalid.problems


@given(histories(max_size=3, ids=st.just("a"), dates=st.none()))
def test_histories_uses_the_given_arguments(history: list[JobStatus]) -> None:
    """They limit the length and the fields of the jobs."""
    assert 1 <= len(history) <= 3
    assert {(job.id, job.estimated_completion) for job in history} == {("a", None)}


def test_histories_follow_the_given_lifecycle() -> None:
    """Under RETRYING, a failed job may be queued again."""
    again = find(
        histories(lifecycle=RETRYING),
        lambda history: (JobState.FAILED, JobState.QUEUED) in categories.moves(history),
    )
    assert len(again) == 3


def test_a_history_may_begin_in_any_state() -> None:
    """A job that begins as failed has an error."""
    done = JobState.COMPLETED
    rows: dict[JobState, list[JobState]] = {
        state: [done] if state is not done else [] for state in JobState
    }
    lifecycle = Lifecycle(rows, initial=JobState.FAILED)
    history = find(histories(lifecycle=lifecycle), lambda history: len(history) == 2)
    assert history == [JobStatus("", "failed", error=""), JobStatus("", "completed", progress=100)]


@given(observations(in_order=True, histories=histories(lifecycle=RETRYING)))
def test_observations_in_order_are_a_subsequence_of_the_history(
    observation: strategies.Observation,
) -> None:
    """Some snapshots are missing and some repeated, and the latest comes last."""
    assert observation.seen[-1] == observation.last
    rest = iter(observation.history)
    distinct = [
        job
        for at, job in enumerate(observation.seen)
        if at == 0 or job is not observation.seen[at - 1]
    ]
    assert all(any(job is other for other in rest) for job in distinct)


@given(illegal_histories(lifecycle=RETRYING))
def test_illegal_moves_depend_on_the_lifecycle(illegal: strategies.IllegalHistory) -> None:
    """Under RETRYING, a retry is never drawn as the illegal move."""
    before = illegal.snapshots[illegal.position - 1]
    assert before.status in RETRYING.terminal
    assert STANDARD.terminal > RETRYING.terminal


def test_a_failing_example_is_shown_as_a_constructor_call() -> None:
    """Hypothesis prints the repr of the job, not one line per attrs field."""

    @given(job=job_statuses())
    def fails(job: JobStatus) -> None:
        assert job.progress is None

    with pytest.raises(AssertionError) as failed:
        fails()
    assert "job=JobStatus('', 'queued', progress=0.0)" in "\n".join(failed.value.__notes__)


def test_the_repr_of_a_strategy_is_its_call() -> None:
    """Hypothesis prints it in its messages."""
    assert repr(job_statuses()) == "job_statuses()"
    assert repr(json_documents(codec=Codec())).startswith("json_documents(codec=Codec(")


def test_without_hypothesis_the_import_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error contains the command that installs it."""
    import runpy

    monkeypatch.setattr("importlib.util.find_spec", dict[str, object]().get)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'jobstatus\[hypothesis\]'"):
        runpy.run_path(strategies.__file__)
