"""The strategies draw all that they say, and nothing else."""

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
from tests import categories

FUNCTIONS: list[str] = [name for name in strategies.__all__ if name.islower()]
BULLET = re.compile(r"^ +- (.+?)$", re.MULTILINE)
PLAIN = settings(
    max_examples=10_000,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class AllSeenError(Exception):
    """There is nothing left to wait for."""


def any_value(_: object) -> bool:
    """Hold of all."""
    return True


def draw(strategy: st.SearchStrategy[Any], wanted: dict[str, categories.Predicate]) -> set[str]:
    """Draw until each category was seen, at most 10,000 times; return those that were not."""
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
    """Within 10,000 plain draws; the docstring lists what tests/categories.py does."""
    function: Callable[[], st.SearchStrategy[Any]] = getattr(strategies, name)
    wanted: dict[str, categories.Predicate] = getattr(categories, name)()
    assert BULLET.findall(function.__doc__ or "") == list(wanted)
    assert draw(function(), wanted) == set()


@pytest.mark.sampling
def test_the_other_dates_are_drawn() -> None:
    """Forms of ISO 8601 that ECMA-262 has not, for a reader that takes them."""
    jobs = job_statuses(
        ids=st.just("a"), progress_values=st.none(), dates=dates(), error_texts=st.none()
    )
    forms = categories.iso8601_dates()
    assert draw(json_documents(codec=Codec(dates="iso8601"), jobs=jobs), forms) == set()


def test_types_are_drawn_as_jobs() -> None:
    """JobStatus, with its parameter or without, and nothing that it is a kind of."""
    assert find(st.from_type(JobStatus), any_value) == JobStatus("", "queued")
    assert find(st.from_type(JobStatus[Failed]), any_value) == JobStatus("", "failed")
    outcomes = JobStatus[Completed | Failed | Cancelled]
    wanted = {"states": categories.every(STANDARD.terminal, lambda job: [job.status])}
    assert draw(st.from_type(outcomes), wanted) == set()
    base: Any = Hashable
    assert not isinstance(find(st.from_type(base), any_value), JobStatus)


@pytest.mark.sampling
def test_every_code_of_reading_is_drawn() -> None:
    """By documents, for a reader that refuses unknown keys."""
    elsewhere = {"invalid_lifecycle", "invalid_option", "mixed_jobs", "not_settable"}
    codes = set(get_args(ProblemCode)) - elsewhere
    seen = categories.every(codes, lambda invalid: [code for _, code in invalid.problems])
    assert draw(invalid_documents(codec=Codec(unknown_keys="reject")), {"codes": seen}) == set()


@pytest.mark.sampling
def test_unknown_keys_are_reported_where_they_are() -> None:
    """At the key, escaped as RFC 6901 has it, or at the object if it is too long."""
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
def test_jobs_are_narrowed_by_their_fields(job: JobStatus) -> None:
    """Each field is drawn from what was given for it, None being absent."""
    assert job.status in {JobState.FAILED, JobState.CANCELLED}
    assert (job.id, job.error) == ("a", None)
    assert job.progress in {None, 40}
    assert job.estimated_completion == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_state_that_is_none_is_refused() -> None:
    """When it is drawn from, as Hypothesis does it."""
    no_states: Any = ["done"]
    with pytest.raises(InvalidValueError, match="expected queued, processing"):
        find(job_statuses(states=no_states), bool)
    with pytest.raises(InvalidArgument):
        find(job_statuses(states=[]), bool)


JOB = JobStatus("a", "failed", error="timeout")


@given(payloads(jobs=st.just(JOB)), json_documents(jobs=st.just(JOB)))
def test_payloads_and_documents_are_of_the_jobs_that_are_given(
    payload: object, document: strategies.JsonDocument
) -> None:
    """And of no others."""
    assert payload == {"id": "a", "status": "failed", "error": "timeout"}
    assert document.job == JOB


@given(invalid_payloads(jobs=st.just(JOB)))
def test_what_has_no_fault_is_as_it_was(invalid: strategies.InvalidPayload) -> None:
    """A fault is in the field that is reported, and the others are the job's."""
    for key, value in JOB.to_payload().items():
        if all(pointer != f"/{key}" for pointer, _ in invalid.problems):
            assert invalid.payload[key] == value


@given(histories(max_size=3, ids=st.just("a"), dates=st.none()))
def test_histories_are_narrowed(history: list[JobStatus]) -> None:
    """By their length and by the fields of their jobs."""
    assert 1 <= len(history) <= 3
    assert {(job.id, job.estimated_completion) for job in history} == {("a", None)}


def test_histories_may_be_of_any_lifecycle() -> None:
    """A job that failed and is tried again."""
    again = find(
        histories(lifecycle=RETRYING),
        lambda history: (JobState.FAILED, JobState.QUEUED) in categories.moves(history),
    )
    assert len(again) == 3


def test_a_lifecycle_may_begin_anywhere() -> None:
    """A failed job that is there from the beginning has its error."""
    done = JobState.COMPLETED
    rows: dict[JobState, list[JobState]] = {
        state: [done] if state is not done else [] for state in JobState
    }
    lifecycle = Lifecycle(rows, initial=JobState.FAILED)
    history = find(histories(lifecycle=lifecycle), lambda history: len(history) == 2)
    assert history == [JobStatus("", "failed", error=""), JobStatus("", "completed", progress=100)]


@given(observations(in_order=True, histories=histories(lifecycle=RETRYING)))
def test_a_poller_sees_snapshots_in_order(observation: strategies.Observation) -> None:
    """Some not, some twice; the last one last."""
    assert observation.seen[-1] == observation.last
    rest = iter(observation.history)
    distinct = [
        job
        for at, job in enumerate(observation.seen)
        if at == 0 or job is not observation.seen[at - 1]
    ]
    assert all(any(job is other for other in rest) for job in distinct)


@given(illegal_histories(lifecycle=RETRYING))
def test_what_is_illegal_depends_on_the_lifecycle(illegal: strategies.IllegalHistory) -> None:
    """A retry is not."""
    before = illegal.snapshots[illegal.position - 1]
    assert before.status in RETRYING.terminal
    assert STANDARD.terminal > RETRYING.terminal


def test_what_fails_is_shown_as_the_call_that_makes_it() -> None:
    """Hypothesis would lay out an attrs class by its fields."""

    @given(job=job_statuses())
    def fails(job: JobStatus) -> None:
        assert job.progress is None

    with pytest.raises(AssertionError) as failed:
        fails()
    assert "job=JobStatus('', 'queued', progress=0.0)" in "\n".join(failed.value.__notes__)


def test_strategies_are_shown_as_the_call_that_makes_them() -> None:
    """For Hypothesis' own messages."""
    assert repr(job_statuses()) == "job_statuses()"
    assert repr(json_documents(codec=Codec())).startswith("json_documents(codec=Codec(")


def test_without_hypothesis_the_module_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one line, with the extra's name."""
    import runpy

    monkeypatch.setattr("importlib.util.find_spec", dict[str, object]().get)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'jobstatus\[hypothesis\]'"):
        runpy.run_path(strategies.__file__)
