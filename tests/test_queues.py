"""`jobstatus.queues` without a queue; tests/live/queues has real workers."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from jobstatus import (
    RETRYING,
    STANDARD,
    IllegalTransitionError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
    UnknownJobError,
)
from jobstatus.history import check_history
from jobstatus.queues import (
    JobCancelled,
    Publisher,
    of_bullmq,
    of_celery,
    of_rq,
    reconcile,
    report,
    track,
)
from jobstatus.queues import _current as current
from jobstatus.queues import _read as read
from jobstatus.queues._tables import BULLMQ, CELERY, RQ, Table, state_of
from jobstatus.stores import JobError, SqliteStore, Store
from tests.support.databases import open_store

LIFECYCLES = pytest.mark.parametrize(
    "lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"]
)
ETA = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store, and check its histories at the end."""
    with open_store(str(tmp_path / "jobs.sqlite")) as opened:
        yield opened
        jobs = [change.job for change in opened.changes()]
        assert [*check_history(jobs, gaps=False)] == []


@pytest.fixture
def publisher(store: Store) -> Publisher:
    """Return a publisher."""
    return Publisher(store)


def states_of(store: Store, id: str = "a") -> list[str]:
    """Return the states of a job's history."""
    return [change.job.status.value for change in store.history(id)]


def test_each_step_is_published(publisher: Publisher, store: Store) -> None:
    """The publisher has the store."""
    assert publisher.store is store
    publisher.queued("a")
    publisher.started("a")
    publisher.report("a", 40, estimated_completion=ETA)
    publisher.completed("a")
    assert states_of(store) == ["queued", "processing", "processing", "completed"]
    assert store.history("a")[2].job.estimated_completion == ETA


def test_a_step_that_comes_twice_changes_nothing(publisher: Publisher, store: Store) -> None:
    """A queue delivers at least once."""
    for _ in range(2):
        publisher.queued("a")
    for _ in range(2):
        publisher.started("a")
    for _ in range(2):
        publisher.failed("a", OSError("SECRET"))
    assert states_of(store) == ["queued", "processing", "failed"]
    assert store.get("a").error == "OSError"


def test_a_step_that_was_missed_is_added(publisher: Publisher, store: Store) -> None:
    """Each history is complete, whatever came first."""
    publisher.completed("a")
    assert states_of(store) == ["queued", "processing", "completed"]
    publisher.failed("b")
    assert states_of(store, "b") == ["queued", "failed"]
    assert store.get("b").error == "Error"
    publisher.cancelled("c", "by the customer")
    assert store.get("c").error == "by the customer"
    publisher.started("d")
    assert states_of(store, "d") == ["queued", "processing"]


@pytest.mark.parametrize("step", ["started", "retried", "completed", "failed"])
def test_a_step_that_comes_too_late_is_dropped_and_logged(
    publisher: Publisher, store: Store, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The job stays cancelled."""
    publisher.queued("a")
    publisher.cancelled("a")
    with caplog.at_level(logging.INFO, "jobstatus.queues"):
        getattr(publisher, step)("a")
    assert states_of(store) == ["queued", "cancelled"]
    (record,) = caplog.records
    assert record.getMessage().startswith(f"dropped the step '{step}': status: cannot ")


def test_a_report_after_the_end_raises(publisher: Publisher) -> None:
    """So that the work stops."""
    publisher.cancelled("a")
    with pytest.raises(IllegalTransitionError):
        publisher.report("a", 50)
    with pytest.raises(UnknownJobError):
        publisher.report("b", 50)


@LIFECYCLES
def test_a_failed_job_that_is_sent_again(tmp_path: Path, lifecycle: Lifecycle) -> None:
    """It is queued again, if the lifecycle has that."""
    with SqliteStore(tmp_path / "jobs", lifecycle=lifecycle) as store:
        publisher = Publisher(store)
        publisher.failed("a", OSError())
        publisher.queued("a")
        assert store.get("a").status == ("queued" if lifecycle == RETRYING else "failed")
        publisher.started("b")
        publisher.failed("b", OSError())
        publisher.completed("b")
        assert store.get("b").status == ("completed" if lifecycle == RETRYING else "failed")


@LIFECYCLES
def test_a_job_that_waits_for_another_attempt(tmp_path: Path, lifecycle: Lifecycle) -> None:
    """It is queued if the lifecycle has that, and otherwise still processing."""
    is_retrying = lifecycle == RETRYING
    with SqliteStore(tmp_path / "jobs", lifecycle=lifecycle) as store:
        publisher = Publisher(store)
        publisher.started("a")
        for _ in range(2):
            publisher.retried("a")
        assert store.get("a").status == ("queued" if is_retrying else "processing")
        publisher.started("a")
        publisher.completed("a")
        expected = ["queued", "processing", "queued", "processing", "completed"]
        assert states_of(store) == (
            expected if is_retrying else ["queued", "processing", "completed"]
        )


def test_the_text_of_an_error_is_chosen(store: Store) -> None:
    """As in `Store.work`."""
    Publisher(store).failed("a", JobError("no such bucket"))
    Publisher(store, errors=lambda error: f"<{error}>").failed("b", OSError("x"))
    assert (store.get("a").error, store.get("b").error) == ("no such bucket", "<x>")


class StopError(Exception):
    """Stops a task."""


def stop() -> NoReturn:
    """Stop a task."""
    raise StopError


def test_a_task_reports_without_its_id(publisher: Publisher, store: Store) -> None:
    """It has an estimate, as in `Store.work`."""
    publisher.started("a")
    current.enter(publisher, "a", stop)
    assert [*track([1, 2])] == [1, 2]
    report(100, estimated_completion=ETA)
    current.leave("a")
    changes = [change.job for change in store.history("a")][2:]
    assert [job.progress for job in changes] == [50, 100, 100]
    assert changes[0].estimated_completion is not None
    assert changes[2].estimated_completion == ETA


def test_a_report_stops_the_task_of_a_cancelled_job(publisher: Publisher) -> None:
    """With the exception of its queue."""
    publisher.cancelled("a")
    current.enter(publisher, "a", stop)
    with pytest.raises(StopError):
        report(50)
    current.leave("a")


def test_the_task_of_a_cancelled_job_ends_with_job_cancelled(publisher: Publisher) -> None:
    """In RQ and Dramatiq. A job that the store does not know is not cancelled."""
    assert not current.is_cancelled(publisher, "a")
    publisher.started("a")
    assert not current.is_cancelled(publisher, "a")
    publisher.cancelled("a")
    assert current.is_cancelled(publisher, "a")
    with pytest.raises(JobCancelled):
        current.stop()


def test_a_report_of_a_job_that_has_ended_otherwise_is_dropped(
    publisher: Publisher, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The task goes on, because nobody cancelled it."""
    publisher.completed("a")
    for name in ("a", "removed"):
        current.enter(publisher, name, stop, is_outermost=True)
        assert current.is_current(name)
        with caplog.at_level(logging.INFO, "jobstatus.queues"):
            report(50)
        current.leave(name)
        assert not current.is_current(name)
    assert store.get("a").progress == 100
    assert [record.getMessage()[:25] for record in caplog.records] == [
        "dropped the step 'report'"
    ] * 2


def test_the_outer_task_is_the_current_one_again(publisher: Publisher, store: Store) -> None:
    """Leaving another task changes nothing."""
    for name in ("outer", "inner"):
        publisher.started(name)
        current.enter(publisher, name, stop)
    current.leave("other")
    report(10)
    current.leave("inner")
    report(20)
    current.leave("outer")
    current.leave("outer")
    assert [store.get(name).progress for name in ("inner", "outer")] == [10, 20]
    with pytest.raises(RuntimeError, match="no task of a connected queue is running here"):
        report(30)


def test_a_thread_needs_the_context_of_its_task(publisher: Publisher, store: Store) -> None:
    """The error says so."""
    publisher.started("a")
    current.enter(publisher, "a", stop)
    errors: list[str] = []

    def work() -> None:
        try:
            report(50)
        except RuntimeError as error:
            errors.append(str(error))

    for target in (work, copy_context().run):
        thread = threading.Thread(target=target, args=() if target is work else (work,))
        thread.start()
        thread.join()
    current.leave("a")
    assert len(errors) == 1
    assert "copy_context().run" in errors[0]
    assert store.get("a").progress == 50


@LIFECYCLES
@pytest.mark.parametrize("table", [CELERY, RQ, BULLMQ], ids=["celery", "rq", "bullmq"])
def test_waiting_has_one_rule(table: Table, lifecycle: Lifecycle) -> None:
    """Before the first attempt a job is queued; afterwards the lifecycle decides."""
    for native in table.values():
        first, later = (
            state_of(native, lifecycle, is_attempted=is_attempted) for is_attempted in (False, True)
        )
        if native == "waiting":
            assert first is JobState.QUEUED
            assert later == ("queued" if lifecycle == RETRYING else "processing")
        else:
            assert first is later is native


def celery(status: str, result: object = None) -> Any:
    """Return a result of Celery."""
    meta = {"status": status, "result": result}
    backend = SimpleNamespace(get_task_meta={"a": meta}.__getitem__)
    return SimpleNamespace(id="a", backend=backend)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (celery("PENDING"), JobStatus.queued("a")),
        (celery("STARTED", {"pid": 1, "hostname": "h"}), JobStatus("a", "processing")),
        (celery("PROGRESS", {"current": 1, "total": 4}), JobStatus("a", "processing", progress=25)),
        (celery("MINE", {"percent": 7.5}), JobStatus("a", "processing", progress=7.5)),
        (celery("SUCCESS", 42), JobStatus("a", "completed", progress=100)),
        (celery("FAILURE", OSError("x")), JobStatus("a", "failed", error="OSError")),
        (celery("FAILURE", "reason"), JobStatus("a", "failed", error="Reject")),
        (celery("REVOKED", OSError("x")), JobStatus("a", "cancelled")),
        (celery("RETRY", OSError("x")), JobStatus("a", "processing")),
    ],
)
def test_a_result_of_celery_is_read(result: Any, expected: JobStatus) -> None:
    """State and information come from one answer."""
    assert of_celery(result) == expected


@pytest.mark.parametrize(
    ("value", "progress"),
    [
        (40, 40),
        (0.5, 0.5),
        (True, None),
        ("40", None),
        (float("nan"), None),
        (100.5, None),
        (-1, None),
        (10**400, None),
        ({"percent": 5}, 5),
        ({"progress": 6}, 6),
        ({"percent": "5", "current": 1, "total": 2}, None),
        ({"current": 1, "total": 2}, 50),
        ({"current": 1, "total": 0}, None),
        ({"current": 3, "total": 2}, None),
        ({"current": 10**400, "total": 1}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_progress_that_is_no_number_from_0_to_100_is_absent(
    value: object, progress: float | None
) -> None:
    """A task may report anything."""
    assert read.progress_of(value) == progress


@pytest.mark.parametrize(
    ("trace", "name"),
    [
        ('Traceback:\n  File "a.py", line 1, in f\n    f()\nOSError: no\nValueError: x', "OSError"),
        ('  File "a.py", line 1\n    f()\n    ^^^\na.b.MyError: text', "MyError"),
        ('  File "a"\nKeyError', "KeyError"),
        ("Work-horse terminated unexpectedly", None),
        ("JobTimeoutException: too long", "JobTimeoutException"),
        ('  File "a"\n    only frames', None),
        ("", None),
    ],
)
def test_the_type_is_found_in_a_traceback(trace: str, name: str | None) -> None:
    """Its message may look like another exception."""
    assert getattr(read, "_name_in_traceback")(trace) == name  # noqa: B009 - private


def test_an_error_text_is_one_line_or_the_name() -> None:
    """A function of the user may return anything."""
    failed = celery("FAILURE", OSError("x"))
    returned: list[Any] = ["two\nlines", "", 5]
    texts: list[str | None] = []
    while returned:
        texts.append(of_celery(failed, errors=lambda _: returned[0]).error)
        del returned[0]
    assert texts == ["two lines", "OSError", "OSError"]
    assert of_celery(failed, errors=lambda _: returned[0]).error == "OSError"


class Bullmq:
    """A job of BullMQ whose states come one after another."""

    def __init__(self, states: list[str], found: Mapping[str, Any] | None) -> None:
        self.id, self.queue, self.states, self.found = "a", self, states, found

    async def getState(self) -> str:  # noqa: N802 - BullMQ's name
        """Read the next state."""
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    @staticmethod
    async def fromId(queue: Bullmq, _: str) -> Any:  # noqa: N802 - BullMQ's name
        """Read the hash."""
        return None if queue.found is None else SimpleNamespace(**queue.found)


HASH: Mapping[str, Any] = {
    "attemptsMade": 0,
    "processedOn": 0,
    "stacktrace": [],
    "failedReason": None,
    "progress": 30,
}


@pytest.mark.parametrize(
    ("states", "found", "expected"),
    [
        (["waiting"], HASH, JobStatus.queued("a")),
        (["waiting", "active"], HASH, JobStatus("a", "processing", progress=30)),
        (["active", "completed"], HASH, JobStatus("a", "completed", progress=100)),
        (["delayed"], {**HASH, "attemptsMade": 1}, JobStatus("a", "processing", progress=30)),
        (
            ["failed"],
            {**HASH, "stacktrace": ["TypeError: x\n  at"]},
            JobStatus("a", "failed", error="TypeError"),
        ),
        (["failed"], HASH, JobStatus("a", "failed", error="Error")),
    ],
)
def test_a_job_of_bullmq_is_read_until_its_state_holds(
    states: list[str], found: Mapping[str, Any], expected: JobStatus
) -> None:
    """State and hash are two reads."""
    assert asyncio.run(of_bullmq(Bullmq(states, found))) == expected


def test_a_job_of_bullmq_that_never_rests_is_read_in_the_end() -> None:
    """Each reading finds another state."""
    states = ["active", "waiting"] * 30
    assert asyncio.run(of_bullmq(Bullmq(states, HASH))).id == "a"


def test_a_state_that_the_table_lacks_is_an_error() -> None:
    """A newer version of the queue may have it."""
    with pytest.raises(
        InvalidValueError, match=r"expected waiting, .* or failed, got 'new'"
    ) as refused:
        asyncio.run(of_bullmq(Bullmq(["new"], HASH)))
    assert refused.value.code == "unknown_state"


class RqJob:
    """A job of RQ."""

    id = "a"

    def __init__(self, state: str, trace: str | None = None, **about: object) -> None:
        self.started_at, self.meta = about.get("started_at"), about
        self.state, self.trace = state, trace

    def refresh(self) -> None:
        """Read the job again."""
        if self.state == "gone":
            from rq.exceptions import NoSuchJobError

            raise NoSuchJobError

    def get_status(self, *, refresh: bool) -> Any:
        """Return the state that was read."""
        assert not refresh
        return SimpleNamespace(value=self.state)

    def latest_result(self) -> Any:
        """Return the result."""
        return None if self.trace is None else SimpleNamespace(exc_string=self.trace)


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (RqJob("queued"), JobStatus.queued("a")),
        (RqJob("scheduled", started_at=1), JobStatus("a", "processing")),
        (RqJob("started", progress=30), JobStatus("a", "processing", progress=30)),
        (RqJob("finished"), JobStatus("a", "completed", progress=100)),
        (
            RqJob("failed", 'Traceback:\n  File "x"\nOSError: x'),
            JobStatus("a", "failed", error="OSError"),
        ),
        (RqJob("failed"), JobStatus("a", "failed")),
        (RqJob("stopped"), JobStatus("a", "cancelled")),
    ],
)
def test_a_job_of_rq_is_read(job: RqJob, expected: JobStatus) -> None:
    """State, progress and error."""
    pytest.importorskip("rq", reason="RQ is not installed")
    assert of_rq(job) == expected


def test_a_job_that_rq_does_not_have_is_unknown() -> None:
    """It has expired, or was deleted."""
    pytest.importorskip("rq", reason="RQ is not installed")
    with pytest.raises(UnknownJobError):
        of_rq(RqJob("gone"))


@pytest.mark.parametrize(("states", "found"), [(["unknown"], HASH), (["completed"], None)])
def test_a_job_that_bullmq_does_not_have_is_unknown(states: list[str], found: Any) -> None:
    """It was removed, or it is not kept."""
    with pytest.raises(UnknownJobError):
        asyncio.run(of_bullmq(Bullmq(states, found)))


def test_reconciling_takes_over_outcomes(store: Store) -> None:
    """Jobs that the queue does not know, or that go on, are left as they are."""
    answers: dict[str, JobStatus] = {
        "done": JobStatus("done", "completed", progress=100),
        "failed": JobStatus("failed", "failed"),
        "cancelled": JobStatus("cancelled", "cancelled", error="revoked"),
        "runs": JobStatus("runs", "processing", progress=50),
    }
    for name in [*answers, "lost"]:
        store.create(JobStatus.queued(name))

    def look(name: str) -> JobStatus:
        if name in answers:
            return answers[name]
        raise UnknownJobError(id=name)

    assert reconcile(store, look) == []
    found = reconcile(store, look, unchanged_for=timedelta())
    assert sorted(job.id for job in found) == ["cancelled", "done", "failed"]
    assert {name: store.get(name).status.value for name in [*answers, "lost"]} == {
        "done": "completed",
        "failed": "failed",
        "cancelled": "cancelled",
        "runs": "queued",
        "lost": "queued",
    }
    assert (store.get("failed").error, store.get("cancelled").error) == ("Error", "revoked")


def test_a_job_that_cannot_be_read_does_not_keep_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged."""
    for name in ("a", "b"):
        store.create(JobStatus.queued(name))

    def look(name: str) -> JobStatus:
        if name == "a":
            raise OSError("no such class")
        return JobStatus(name, "cancelled")

    assert [job.id for job in reconcile(store, look, unchanged_for=timedelta())] == ["b"]
    assert store.get("b").error is None
    assert "the job 'a' cannot be read from its queue" in caplog.text


def test_reconciling_with_another_job_is_an_error(store: Store) -> None:
    """It is a bug of the function."""
    store.create(JobStatus.queued("a"))
    with pytest.raises(ValueError, match=r"^id: expected the id 'a', got 'b'$"):
        reconcile(store, lambda _: JobStatus("b", "completed"), unchanged_for=timedelta())


def test_reconciling_at_once_takes_each_outcome_over_once(store: Store) -> None:
    """Another process was faster."""
    store.create(JobStatus.queued("a"))

    def look(name: str) -> JobStatus:
        store.apply(name, JobStatus.cancel)
        return JobStatus(name, "completed", progress=100)

    assert reconcile(store, look, unchanged_for=timedelta()) == []
    assert states_of(store) == ["queued", "cancelled"]


def test_importing_the_package_imports_no_queue() -> None:
    """Each queue has a module of its own."""
    program = (
        "import sys, jobstatus.queues\n"
        "print({'celery', 'rq', 'dramatiq', 'bullmq', 'redis'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(("name", "table"), [("Celery", CELERY), ("RQ", RQ), ("BullMQ", BULLMQ)])
def test_the_page_has_each_table(name: str, table: Table) -> None:
    """It is generated from the data."""
    page = (Path(__file__).parent.parent / "docs" / "queues.md").read_text(encoding="utf-8")
    rows = "".join(f"| `{native}` | {state} |\n" for native, state in table.items())
    assert f"| {name} | status |\n|---|---|\n{rows}\n" in page
