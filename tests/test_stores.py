"""`SqliteStore` accepts only legal changes of the stored version."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from jobstatus import (
    RETRYING,
    STANDARD,
    Codec,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobStatus,
    Lifecycle,
)
from jobstatus.errors import JobExistsError, OvertakenError, StoreError, UnknownJobError
from jobstatus.history import check_history
from jobstatus.stores import SqliteStore, Version
from jobstatus.stores import _connections as connections
from jobstatus.strategies import JobStatusMachine

QUEUED = JobStatus.queued("job-42")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a database that does not exist yet."""
    return tmp_path / "jobs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """Return an empty store, without waiting for the disk."""
    with SqliteStore(path, synchronous="NORMAL") as opened:
        yield opened


def test_a_created_job_has_version_1(store: SqliteStore) -> None:
    """It is read with its version."""
    version = store.create(QUEUED)
    assert version.number == 1
    assert store.read("job-42") == (version, QUEUED)
    assert store.get("job-42") == QUEUED


def test_a_taken_id_is_not_created_again(store: SqliteStore) -> None:
    """The stored job stays as it is."""
    store.create(QUEUED)
    with pytest.raises(JobExistsError) as refused:
        store.create(JobStatus.queued("job-42", estimated_completion=datetime.now(UTC)))
    assert str(refused.value) == "id: expected a new id, got 'job-42', which is taken"
    assert store.get("job-42") == QUEUED


def test_a_new_job_is_in_the_initial_state(store: SqliteStore) -> None:
    """Otherwise its history would begin in the middle."""
    with pytest.raises(InvalidJobStatusError, match="expected queued for a new job, got failed"):
        store.create(JobStatus("job-42", "failed", error="e"))
    with pytest.raises(UnknownJobError):
        store.get("job-42")


@pytest.mark.parametrize("id", ["\ud800", "x" * 1_001, "\u00e9" * 501])
def test_an_id_that_a_database_cannot_store_is_rejected(store: SqliteStore, id: str) -> None:
    """The error is ours, not the driver's."""
    with pytest.raises(InvalidValueError, match=r"^id: expected at most 1000 bytes") as refused:
        store.create(JobStatus.queued(id))
    assert refused.value.code == "out_of_range"
    with pytest.raises(UnknownJobError):
        store.get(id)


@pytest.mark.parametrize("id", ["", "A", "a", "x" * 1_000, "\u00e9" * 500, "a\0b", "\U0001f600"])
def test_an_id_is_compared_by_its_characters(store: SqliteStore, id: str) -> None:
    """Upper and lower case differ."""
    others = [JobStatus.queued(other) for other in ("B", "b", "a ", "\0")]
    for job in [*others, JobStatus.queued(id)]:
        store.create(job)
    assert store.get(id).id == id


def test_an_unknown_id_is_a_key_error_with_a_plain_text(store: SqliteStore) -> None:
    """The text of a plain KeyError would have quotes around it."""
    with pytest.raises(KeyError) as refused:
        store.read("nothing")
    assert isinstance(refused.value, UnknownJobError)
    assert str(refused.value) == "id: expected the id of a stored job, got 'nothing'"
    with pytest.raises(UnknownJobError):
        store.history("nothing")
    with pytest.raises(UnknownJobError):
        store.apply("nothing", JobStatus.cancel)
    with pytest.raises(UnknownJobError):
        store.compare_and_set(store.create(QUEUED), JobStatus.queued("nothing"))


def test_compare_and_set_replaces_the_version_that_was_read(store: SqliteStore) -> None:
    """It returns the next version."""
    first = store.create(QUEUED)
    second = store.compare_and_set(first, QUEUED.start())
    assert second == Version(2, first.creation)
    assert store.read("job-42") == (second, QUEUED.start())


def test_compare_and_set_rejects_an_old_version(store: SqliteStore) -> None:
    """Nothing is written, and the error has both versions."""
    first = store.create(QUEUED)
    second = store.compare_and_set(first, QUEUED.start())
    with pytest.raises(OvertakenError) as refused:
        store.compare_and_set(first, QUEUED.cancel())
    error = refused.value
    assert (error.id, error.expected, error.stored) == ("job-42", str(first), str(second))
    assert str(error) == f"version: expected '{first}', got '{second}' (job 'job-42')"
    assert store.get("job-42") == QUEUED.start()


def test_a_late_worker_of_an_earlier_attempt_is_overtaken(path: Path) -> None:
    """Its job equals the stored one, but its version does not."""
    with SqliteStore(path, lifecycle=RETRYING) as store:
        store.create(QUEUED)
        late = store.apply("job-42", JobStatus.start)
        store.apply("job-42", lambda job: job.fail("timeout"))
        move = partial(JobStatus.transition_to, status="queued", lifecycle=RETRYING)
        store.apply("job-42", move)
        now = store.apply("job-42", JobStatus.start)
        assert late.job == now.job
        with pytest.raises(OvertakenError):
            store.compare_and_set(late.version, late.job.complete())
        assert store.compare_and_set(now.version, now.job.complete()).number == 6


def test_an_illegal_change_is_rejected(store: SqliteStore) -> None:
    """The error has the stored job."""
    version = store.create(QUEUED)
    done = JobStatus("job-42", "completed", progress=100)
    with pytest.raises(IllegalTransitionError) as refused:
        store.compare_and_set(version, done)
    assert refused.value.job == QUEUED
    assert refused.value.allowed == STANDARD.table[QUEUED.status].keys()
    with pytest.raises(IllegalTransitionError):
        store.apply("job-42", lambda _: done)
    assert store.read("job-42") == (version, QUEUED)


def test_an_ended_job_never_changes(store: SqliteStore) -> None:
    """This includes its fields."""
    store.create(QUEUED)
    cancelled = store.apply("job-42", JobStatus.cancel)
    for after in (QUEUED.start(), QUEUED.cancel("late"), QUEUED.fail("late")):
        with pytest.raises(IllegalTransitionError):
            store.compare_and_set(cancelled.version, after)
    assert store.read("job-42") == cancelled


def test_an_equal_job_changes_nothing(store: SqliteStore) -> None:
    """Repeating a request is harmless, also after the end."""
    store.create(QUEUED)
    ended = store.apply("job-42", JobStatus.cancel)
    assert store.compare_and_set(ended.version, ended.job) == ended.version
    assert store.apply("job-42", lambda job: job) == ended
    assert len(store.history("job-42")) == 2


def test_apply_returns_what_it_stored(store: SqliteStore) -> None:
    """The function gets the stored job."""
    version = store.create(QUEUED)
    stored = store.apply("job-42", lambda job: job.update(progress=5))
    assert stored == (Version(2, version.creation), QUEUED.update(progress=5))


def test_an_error_of_the_function_leaves_the_job_unchanged(store: SqliteStore) -> None:
    """The error passes through, even one of SQLite, and the next call works."""
    store.create(QUEUED)
    for error in (RuntimeError("no"), sqlite3.OperationalError("mine"), KeyboardInterrupt()):

        def fail(_: object, error: BaseException = error) -> JobStatus:
            raise error

        with pytest.raises(type(error)) as raised:
            store.apply("job-42", fail)
        assert raised.value is error
    assert store.apply("job-42", JobStatus.start).version.number == 2


def test_apply_rejects_another_job(store: SqliteStore) -> None:
    """The function must return the same job, in another state."""
    store.create(QUEUED)
    forget: Any = JobStatus.to_payload
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got \{"):
        store.apply("job-42", forget)
    with pytest.raises(ValueError, match=r"^id: expected the id 'job-42', got 'other'$"):
        store.apply("job-42", lambda _: JobStatus.queued("other"))


@pytest.mark.parametrize("call", ["create", "compare_and_set", "version", "get"])
def test_an_argument_of_another_type_is_a_type_error(store: SqliteStore, call: str) -> None:
    """It is a bug in the calling code."""
    version = store.create(QUEUED)
    calls: dict[str, Callable[[Any], object]] = {
        "create": store.create,
        "compare_and_set": partial(store.compare_and_set, version),
        "version": lambda value: store.compare_and_set(value, QUEUED),
        "get": store.get,
    }
    with pytest.raises(TypeError):
        calls[call](5)


def test_the_history_has_every_accepted_change(store: SqliteStore) -> None:
    """Each has its version, its job and the time of the database."""
    began = datetime.now(UTC) - timedelta(seconds=1)
    store.create(QUEUED)
    store.create(JobStatus.queued("other"))
    store.apply("job-42", JobStatus.start)
    store.apply("job-42", JobStatus.complete)
    changes = store.history("job-42")
    assert [change.version.number for change in changes] == [1, 2, 3]
    assert [change.job.status for change in changes] == ["queued", "processing", "completed"]
    assert all(began < change.time < began + timedelta(minutes=1) for change in changes)
    assert [*check_history([change.job for change in changes], gaps=False)] == []


def test_the_changes_of_all_jobs_are_read_in_order(store: SqliteStore) -> None:
    """A reader goes on after the last cursor that it has seen."""
    for number in range(1_200):
        store.create(JobStatus.queued(str(number)))
    changes = [*store.changes()]
    assert [change.job.id for change in changes] == [*map(str, range(1_200))]
    last = changes[-1].cursor
    assert [*store.changes(after=last)] == []
    store.apply("7", JobStatus.start)
    assert [change.job.id for change in store.changes(after=last)] == ["7"]


def test_jobs_that_stay_unchanged_are_found(store: SqliteStore) -> None:
    """The one that has been unchanged for longest comes first, and ended ones are left out."""
    for name in ("a", "b", "c"):
        store.create(JobStatus.queued(name))
        time.sleep(0.002)  # the clock of the database has milliseconds
    store.apply("a", JobStatus.start)
    store.apply("c", JobStatus.cancel)
    assert [stored.job.id for stored in store.unfinished()] == ["b", "a"]
    assert [*store.unfinished(unchanged_for=timedelta(hours=1))] == []


def test_prune_removes_ended_jobs_with_their_history(store: SqliteStore) -> None:
    """Their ids may be used again, and no old version matches."""
    old = store.create(QUEUED)
    store.create(JobStatus.queued("active"))
    store.apply("job-42", JobStatus.cancel)
    assert store.prune(before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 1
    assert [change.job.id for change in store.changes()] == ["active"]
    new = store.create(QUEUED)
    assert (new.number, new.creation) != (old.number, old.creation)
    with pytest.raises(OvertakenError):
        store.compare_and_set(old, QUEUED.start())
    with pytest.raises(InvalidValueError, match="expected an aware datetime"):
        store.prune(before=datetime(2026, 1, 1))  # noqa: DTZ001 - the error of this test


def test_a_store_keeps_the_members_that_the_interface_lacks(store: SqliteStore) -> None:
    """They are stored as the text that was read."""
    text = '{"id":"a","status":"queued","n":1.50e2,"deep":%s}' % ("[" * 100 + "]" * 100)
    job = Codec(unknown_keys="keep", max_depth=500).decode(text)
    store.create(job)
    assert store.get("a").to_json() == text
    assert store.apply("a", JobStatus.start).job.extra == job.extra
    assert store.history("a")[0].job == job


def test_a_store_keeps_any_text(store: SqliteStore) -> None:
    """An error may have lone surrogates and U+0000."""
    store.create(QUEUED)
    store.apply("job-42", lambda job: job.fail("\ud800\0\n"))
    assert store.get("job-42").error == "\ud800\0\n"


def test_a_version_is_an_etag() -> None:
    """Its text leads back to it."""
    version = Version(12, "0123456789abcdef" * 2)
    assert Version.parse(str(version)) == version
    assert str(version) == "12-" + "0123456789abcdef" * 2
    assert pickle.loads(pickle.dumps(version)) == version
    assert len({version, Version.parse(str(version))}) == 1


@pytest.mark.parametrize(
    "text", ["", "1", "0-" + "0" * 32, "1-" + "0" * 31, "1-" + "G" * 32, "01-" + "0" * 32, 5, None]
)
def test_other_texts_are_no_version(text: Any) -> None:
    """They come from clients."""
    with pytest.raises(InvalidValueError, match=r"^expected the text of a version") as refused:
        Version.parse(text)
    assert refused.value.code == "invalid_version"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": ":memory:"}, "path: expected the path of a file, got ':memory:'"),
        ({"path": ""}, "path: expected the path of a file, got ''"),
        ({"lifecycle": "standard"}, "lifecycle: expected a Lifecycle, got 'standard'"),
        ({"synchronous": "OFF"}, "synchronous: expected 'FULL' or 'NORMAL', got 'OFF'"),
        ({"table": ""}, "table: expected a name without U+0000 or surrogates, got ''"),
        ({"table": "a\0"}, "table: expected a name without U+0000 or surrogates, got 'a\\x00'"),
        ({"table": "\ud800"}, "table: expected a name without U+0000 or surrogates, got '\\ud800'"),
    ],
)
def test_an_invalid_option_is_rejected(path: Path, options: dict[str, Any], message: str) -> None:
    """No file is created."""
    arguments: dict[str, Any] = {"path": path, **options}
    with pytest.raises(InvalidValueError) as refused:
        SqliteStore(arguments.pop("path"), **arguments)
    assert (refused.value.code, str(refused.value)) == ("invalid_option", message)
    assert not path.exists()


@pytest.mark.parametrize("table", ['"; DROP TABLE jobs; --', "{jobs}", "a b", "select", "\u00e9%s"])
def test_any_name_of_a_table_is_quoted(path: Path, table: str) -> None:
    """Stores with other tables share the file."""
    with SqliteStore(path) as other, SqliteStore(path, table=table) as store:
        other.create(QUEUED)
        store.create(QUEUED)
        store.apply("job-42", JobStatus.start)
        assert other.get("job-42") == QUEUED
        assert [change.version.number for change in store.history("job-42")] == [1, 2]


def test_tables_of_another_version_are_rejected(path: Path) -> None:
    """A later release may have other columns."""
    SqliteStore(path).close()
    database = sqlite3.connect(path)
    database.execute("UPDATE jobs_schema SET version = 2")
    database.commit()
    database.close()
    with pytest.raises(StoreError, match=r"^expected tables of version 1, got 2$"):
        SqliteStore(path)


def test_a_store_is_opened_again_with_its_jobs(path: Path) -> None:
    """Creating the tables twice does nothing."""
    with SqliteStore(path) as store:
        version = store.create(QUEUED)
    with SqliteStore(str(path)) as store:
        assert store.read("job-42") == (version, QUEUED)
        assert store.lifecycle == STANDARD


def test_a_closed_store_raises(path: Path) -> None:
    """Closing it twice does nothing."""
    store = SqliteStore(path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match=r"^the store is closed$"):
        store.get("job-42")


def test_a_database_that_cannot_be_opened_is_a_store_error(tmp_path: Path) -> None:
    """The driver's error is the cause."""
    with pytest.raises(StoreError, match=r"^SQLite failed: unable to open") as refused:
        SqliteStore(tmp_path / "missing" / "jobs.sqlite")
    assert isinstance(refused.value.__cause__, sqlite3.Error)
    (tmp_path / "text").write_text("x" * 5_000)
    with pytest.raises(StoreError, match="file is not a database"):
        SqliteStore(tmp_path / "text", timeout=0.01)


def test_a_locked_database_is_a_store_error_and_works_again(path: Path) -> None:
    """The store waits for the timeout, and nothing is written."""
    with SqliteStore(path, timeout=0.05) as store:
        store.create(QUEUED)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked"):
            store.apply("job-42", JobStatus.start)
        other.execute("ROLLBACK")
        other.close()
        assert store.apply("job-42", JobStatus.start).version.number == 2


def test_a_full_disk_is_a_store_error_and_works_again(path: Path) -> None:
    """Nothing is half written: the job and its history are those before."""
    with SqliteStore(path) as store:
        store.create(QUEUED)
        connection: Any = store._connections.get()  # pyright: ignore[reportPrivateUsage]  # a limit of this connection
        (pages,) = connection.execute("PRAGMA page_count")[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="database or disk is full"):
            store.apply("job-42", lambda job: job.fail("x" * 100_000))
        assert store.get("job-42") == QUEUED
        connection.execute("PRAGMA max_page_count = 1000000")
        store.apply("job-42", lambda job: job.fail("x" * 100_000))
        assert [change.version.number for change in store.history("job-42")] == [1, 2]


def run_threads(work: Callable[[], None], count: int) -> None:
    """Run a function in threads, and wait for them."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_share_a_store(store: SqliteStore) -> None:
    """Each has its own connection, which closes with the thread."""
    store.create(QUEUED.update(progress=0))

    def work() -> None:
        for _ in range(20):
            store.apply("job-42", lambda job: job.update(progress=(job.progress or 0) + 0.5))

    run_threads(work, 4)
    gc.collect()
    assert store.get("job-42").progress == 40
    assert len(store.history("job-42")) == 81
    assert len(store._connections._open_ones) == 1  # pyright: ignore[reportPrivateUsage]  # counts connections


def test_closing_a_store_closes_the_connections_of_other_threads(path: Path) -> None:
    """They raise, and do not reopen the database."""
    store = SqliteStore(path)
    store.create(QUEUED)
    is_open, is_closed, errors = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        store.get("job-42")
        is_open.set()
        is_closed.wait(timeout=30)
        try:
            store.get("job-42")
        except StoreError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    is_open.wait(timeout=30)
    store.close()
    is_closed.set()
    thread.join()
    assert errors == ["the store is closed"]


FORK = """
import os, sys
from jobstatus import JobStatus
from jobstatus.stores import SqliteStore
store = SqliteStore(sys.argv[1])
store.create(JobStatus.queued("job-42"))
child = os.fork()
if child == 0:
    store.apply("job-42", JobStatus.start)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(store.apply("job-42", JobStatus.complete).version.number)
"""


def test_a_child_process_opens_its_own_connection(path: Path) -> None:
    """SQLite's connections must not cross a fork."""
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(path)], capture_output=True, check=False, text=True
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_connections_of_a_parent_are_neither_used_nor_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that closed one could remove the locks of its own other connections."""
    inherited: list[Any] = []
    monkeypatch.setattr(connections, "_INHERITED", inherited)
    with SqliteStore(path) as store:
        store.create(QUEUED)
        parent: Any = store._connections.get()  # pyright: ignore[reportPrivateUsage]  # compared below
        with monkeypatch.context() as child:
            child.setattr("os.getpid", lambda: -1)
            assert store.get("job-42") == QUEUED
            assert store._connections.get() is not parent  # pyright: ignore[reportPrivateUsage]  # see above
            assert parent.execute("SELECT 1") == [(1,)]
            store.close()
        parent.close()
    assert len(inherited) == 1


def test_the_switch_to_a_log_waits_for_other_processes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself would raise at once."""
    monkeypatch.setattr(connections, "_PAUSE", 0.001)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE other (x)")
    other.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.05, partial(other.execute, "ROLLBACK"))
    release.start()
    SqliteStore(path, timeout=30).close()
    release.join()
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="database is locked"):
        SqliteStore(path, timeout=0.01)
    other.close()


class StoreMachine(JobStatusMachine):
    """Play the callers of a store."""

    ids = st.text(max_size=4)

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name, "jobs.sqlite")
        self.store = SqliteStore(path, lifecycle=self.lifecycle, synchronous="NORMAL")

    def create(self, job: JobStatus) -> bool:
        """Create a job."""
        try:
            self.store.create(job)
        except JobExistsError:
            return False
        return True

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Change the job that the caller has read, if it is still the stored one."""
        stored = self.store.read(after.id)
        if stored.job != before:
            return False
        try:
            return self.store.compare_and_set(stored.version, after) != stored.version
        except IllegalTransitionError:
            return False

    def read(self, id: str) -> JobStatus:
        """Get a job."""
        return self.store.get(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()
        self.folder.cleanup()


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"])
def test_a_store_keeps_the_lifecycle(lifecycle: Lifecycle) -> None:
    """The machine plays callers with current and with stale data."""
    machine: Any = type("Machine", (StoreMachine,), {"lifecycle": lifecycle})
    run_state_machine_as_test(machine, settings=settings(max_examples=25))


def add_progress(path: str, times: int) -> None:  # pragma: no cover - runs in other processes
    """Add to the progress of a job, a few times."""
    with SqliteStore(path, synchronous="NORMAL") as store:
        for _ in range(times):
            store.apply("job-42", lambda job: job.update(progress=(job.progress or 0) + 1 / 32))


def end_jobs(path: str, number: int) -> int:  # pragma: no cover - runs in other processes
    """Cancel or complete every job, and return how many this process ended."""
    ended = 0
    step = JobStatus.cancel if number % 2 else JobStatus.complete
    with SqliteStore(path, synchronous="NORMAL") as store:
        for index in range(500):
            try:
                store.apply(str(index), step)
            except IllegalTransitionError:
                continue
            ended += 1
    return ended


def test_no_update_of_eight_processes_is_lost(path: Path) -> None:
    """Of 3,200 updates within one state, 3,200 arrive, and the history has them all."""
    with SqliteStore(path) as store:
        store.create(QUEUED)
        store.apply("job-42", JobStatus.start)
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            pool.starmap(add_progress, [(str(path), 400)] * 8)
        assert store.get("job-42").progress == 100
        changes = store.history("job-42")
        assert [change.version.number for change in changes] == [*range(1, 3_203)]
        assert [*check_history([change.job for change in changes], gaps=False)] == []


def test_each_job_ends_once(path: Path) -> None:
    """Eight processes cancel or complete 500 jobs at once, and 500 changes are accepted."""
    with SqliteStore(path) as store:
        for index in range(500):
            store.create(JobStatus.queued(str(index)))
            store.apply(str(index), JobStatus.start)
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            ended = pool.starmap(end_jobs, [(str(path), number) for number in range(8)])
        assert sum(ended) == 500
        jobs = [change.job for change in store.changes()]
        assert len(jobs) == 1_500
        assert [*check_history(jobs, gaps=False)] == []


WRITER = """
import itertools, sys
from jobstatus import JobStatus
from jobstatus.stores import SqliteStore
store = SqliteStore(sys.argv[1])
print("ready", flush=True)
for number in itertools.count():
    store.apply("job-42", lambda job: job.update(progress=number % 101))
"""


def test_a_killed_writer_leaves_a_whole_database(path: Path) -> None:
    """The row equals the last change, and no version is missing."""
    with SqliteStore(path) as store:
        store.create(QUEUED)
        for pause in (0, 0.01, 0.02, 0.04, 0.08):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
            )
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(pause)  # a random moment
            writer.kill()
            writer.communicate()
            stored, changes = store.read("job-42"), store.history("job-42")
            assert [change.version.number for change in changes] == [*range(1, len(changes) + 1)]
            assert (changes[-1].version, changes[-1].job) == stored
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_concurrent_starts_create_the_tables_once(path: Path) -> None:
    """Eight processes open a new database at the same time."""
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        assert pool.map(open_store, [str(path)] * 16) == [None] * 16


def open_store(path: str) -> None:  # pragma: no cover - runs in other processes
    """Open a store, and close it."""
    SqliteStore(path).close()


def test_importing_the_package_does_not_import_the_stores() -> None:
    """Only programs that import `jobstatus.stores` load sqlite3."""
    program = "import sys, jobstatus; print('sqlite3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"
