"""What `work` does in every store. The modules that test one kind of store import these tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobstatus import (
    RETRYING,
    IllegalTransitionError,
    InvalidJobStatusError,
    JobStatus,
    OvertakenError,
    StoreError,
    UnknownJobError,
)
from jobstatus.history import check_history
from jobstatus.stores import JobError, Store, Work
from tests.support.databases import open_store

ETA = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """Return a store with a queued job."""
    with open_store(address, lifecycle=RETRYING) as opened:
        opened.create(JobStatus.queued("job-42"))
        yield opened


def estimator_of(work: Work) -> object:
    """Return what knows when the work began."""
    return getattr(work, "_estimator")  # noqa: B009 - private


def estimate_of(work: Work) -> datetime | None:
    """Return the estimate that the work last wrote."""
    return work.job.estimated_completion


def test_work_starts_and_completes_a_job(store: Store) -> None:
    """The job is processing while the work goes on."""
    with store.work("job-42") as work:
        assert work.job == store.get("job-42") == JobStatus.queued("job-42").start()
    assert store.get("job-42").status == "completed"
    assert len(store.history("job-42")) == 3


def test_the_progress_is_reported(store: Store) -> None:
    """Other processes see it."""
    with store.work("job-42", estimate=False) as work:
        work.report(40)
        assert store.get("job-42") == JobStatus("job-42", "processing", progress=40)
        with pytest.raises(InvalidJobStatusError):
            work.report(101)


def test_an_exception_fails_the_job_with_the_name_of_its_type(store: Store) -> None:
    """The texts of exceptions may have keys, paths and SQL."""
    with pytest.raises(OSError, match="SECRET"), store.work("job-42"):
        raise OSError("GET https://example.com/?key=SECRET")
    assert store.get("job-42") == JobStatus("job-42", "failed", error="OSError")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no such bucket", "no such bucket"),
        ("two\nlines\t and blanks ", "two lines and blanks"),
        ("", "JobError"),
    ],
)
def test_the_text_of_a_job_error_is_public(store: Store, text: str, shown: str) -> None:
    """It is one line."""
    with pytest.raises(JobError), store.work("job-42"):
        raise JobError(text)
    assert store.get("job-42").error == shown


def fail(_: BaseException) -> str:
    """Raise an error instead of returning a text."""
    raise RuntimeError


TEXTS: list[tuple[Any, str]] = [
    ("the worker said: {}".format, "the worker said: SECRET"),
    (fail, "ValueError"),
    (type, "ValueError"),
    ("\n ".format, "ValueError"),
]


@pytest.mark.parametrize(("errors", "shown"), TEXTS)
def test_a_function_may_choose_the_error_text(store: Store, errors: Any, shown: str) -> None:
    """If it fails, the text is the name of the type."""
    with pytest.raises(ValueError, match="SECRET"), store.work("job-42", errors=errors):
        raise ValueError("SECRET")
    assert store.get("job-42").error == shown


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stopped_worker_leaves_the_job_processing(
    store: Store, stop: type[BaseException]
) -> None:
    """Another worker can take it over."""

    def attempt() -> None:
        with store.work("job-42") as work:
            work.report(40)
            raise stop

    with pytest.raises(stop):
        attempt()
    assert store.get("job-42").status == "processing"
    with store.work("job-42", take_over=True) as work:
        assert work.job.progress == 40
    assert store.get("job-42").status == "completed"


def test_a_cancelled_job_stops_its_worker(store: Store) -> None:
    """The next report raises, and nothing is written after it."""

    def attempt() -> None:
        work.report(40)
        store.apply("job-42", JobStatus.cancel)
        work.report(50)

    with pytest.raises(OvertakenError), store.work("job-42") as work:
        attempt()
    assert store.get("job-42") == JobStatus("job-42", "cancelled", progress=40)


def test_a_job_that_was_cancelled_meanwhile_is_not_completed(store: Store) -> None:
    """Leaving the context raises."""
    with pytest.raises(OvertakenError), store.work("job-42"):
        store.apply("job-42", JobStatus.cancel)
    assert store.get("job-42").status == "cancelled"


def test_an_exception_is_raised_although_the_job_was_cancelled(store: Store) -> None:
    """It says more than that somebody else was faster."""

    def attempt() -> None:
        store.apply("job-42", JobStatus.cancel)
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"), store.work("job-42"):
        attempt()
    assert store.get("job-42").status == "cancelled"


def test_a_processing_job_has_a_worker_already(store: Store) -> None:
    """A second worker must say that it takes over."""
    with store.work("job-42"):
        with pytest.raises(OvertakenError) as refused:
            ExitStack().enter_context(store.work("job-42"))
        assert (
            str(refused.value)
            == "status: job 'job-42' has a worker; take_over=True goes on with it"
        )


def test_a_worker_that_is_taken_over_is_overtaken(store: Store) -> None:
    """Its next report raises, although the job still looks the same."""

    def attempt() -> None:
        first.report(40)
        with store.work("job-42", take_over=True) as second:
            assert second.job == first.job
            first.report(50)

    with pytest.raises(OvertakenError), store.work("job-42") as first:
        attempt()
    assert store.get("job-42").status == "processing"


def test_an_ended_job_is_not_started(store: Store) -> None:
    """Under RETRYING, a failed one is started again."""
    store.apply("job-42", lambda job: job.fail("e"))
    with store.work("job-42"):
        pass
    with pytest.raises(IllegalTransitionError):
        ExitStack().enter_context(store.work("job-42"))
    with pytest.raises(UnknownJobError):
        ExitStack().enter_context(store.work("nothing"))


def test_tracked_items_report_each_whole_percent(store: Store) -> None:
    """An attempt has at most 101 entries of progress in the history."""
    with store.work("job-42") as work:
        assert [*work.track(range(1_000))] == [*range(1_000)]
        assert work.job.progress == 100
    changes = store.history("job-42")
    assert len(changes) == 103  # created, started, 1 to 100 percent, completed
    assert [*check_history((change.job for change in changes), lifecycle=RETRYING)] == []


@pytest.mark.parametrize(
    ("items", "total", "reported"),
    [
        (lambda: [1, 2], None, [50, 100]),
        (lambda: iter([1, 2]), 4, [25, 50]),
        (lambda: [1, 2], 1, [100]),
        (lambda: [1], 0, [100]),
    ],
)
def test_the_number_of_tracked_items_may_be_given(
    store: Store, items: Callable[[], Any], total: int | None, reported: list[float]
) -> None:
    """It may be wrong, but progress stays in its range."""
    with store.work("job-42", estimate=False) as work:
        for _ in work.track(items(), total=total):
            pass
    progress = [change.job.progress for change in store.history("job-42")][2:-1]
    assert progress == reported


def test_items_without_a_length_need_a_total(store: Store) -> None:
    """The error is raised before the first item."""
    message = r"^total: expected a number for items without len, got <list_iterator"
    with store.work("job-42") as work, pytest.raises(TypeError, match=message):
        work.track(iter([1]))


def test_the_estimate_is_linear_from_five_percent_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is absent below, and beyond 30 days."""
    now = time.monotonic()
    with store.work("job-42") as work:
        for seconds, progress, left in [
            (10, 4.9, None),
            (10, 5, 190),
            (50, 50, 50),
            (86_400, 50, 86_400),
            (86_400 * 30, 49, None),
            (99, 100, 0),
        ]:
            monkeypatch.setattr(estimator_of(work), "_began", now - seconds)
            monkeypatch.setattr(time, "monotonic", lambda: now)
            work.report(progress)
            estimate = estimate_of(work)
            if left is None:
                assert estimate is None
            else:
                assert estimate is not None
                expected = datetime.now(UTC) + timedelta(seconds=left)
                assert abs(estimate - expected) < timedelta(seconds=5)


def test_the_estimate_of_a_job_that_was_taken_over_counts_from_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The progress of the first worker took another time."""
    store.apply("job-42", lambda job: job.start(progress=50))
    with store.work("job-42", take_over=True) as work:
        work.report(50)
        assert estimate_of(work) is None
        monkeypatch.setattr(estimator_of(work), "_began", time.monotonic() - 100)
        work.report(75)
        estimate = estimate_of(work)
        assert estimate is not None
        left = estimate - datetime.now(UTC)
        assert timedelta(seconds=90) < left < timedelta(seconds=110)


def test_the_estimate_of_the_caller_wins(store: Store) -> None:
    """None takes it away, and without the option it stays."""
    with store.work("job-42") as work:
        work.report(50, estimated_completion=ETA)
        assert estimate_of(work) == ETA
        work.report(60, estimated_completion=None)
        assert estimate_of(work) is None
    store.create(JobStatus.queued("other", estimated_completion=ETA))
    with store.work("other", estimate=False) as work:
        work.report(50)
        assert estimate_of(work) == ETA


def test_a_beat_renews_the_time_without_a_new_version(store: Store) -> None:
    """So a job with a slow step is not taken for one whose worker died."""
    with store.work("job-42") as work:
        before = store.read("job-42").version
        time.sleep(0.05)  # the time that passes is what is tested
        assert len([*store.unfinished(unchanged_for=timedelta(milliseconds=40))]) == 1
        work.beat()
        assert [*store.unfinished(unchanged_for=timedelta(milliseconds=40))] == []
        assert store.read("job-42").version == before
    assert len(store.history("job-42")) == 3


def test_a_beat_of_an_overtaken_worker_raises(store: Store) -> None:
    """The job does not look alive because of it."""

    def attempt() -> None:
        store.apply("job-42", JobStatus.cancel)
        work.beat()

    with pytest.raises(OvertakenError) as refused, store.work("job-42") as work:
        attempt()
    assert refused.value.stored == str(store.read("job-42").version)


def test_work_must_be_entered(store: Store) -> None:
    """Otherwise the job would not be started."""
    work = store.work("job-42")
    with pytest.raises(RuntimeError, match=r"^the work has not begun: enter its context first$"):
        work.report(5)


def test_a_job_that_cannot_be_marked_as_failed_is_still_processing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exception of the work is raised, and a note says what happened to the job."""
    with pytest.raises(JobError) as raised, store.work("job-42"):  # noqa: PT012 - breaks inside
        monkeypatch.setattr(getattr(store, "_database"), "replace", lose)  # noqa: B009 - private
        raise JobError("no such bucket")
    assert raised.value.__notes__ == ["the job 'job-42' is still processing: the disk is full"]
    assert store.get("job-42").status == "processing"


def lose(*_: object) -> bool:
    """Fail as a database does."""
    raise StoreError(message="the disk is full")
