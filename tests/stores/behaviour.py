"""What every store does. The modules that test one kind of store import these tests."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

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
from jobstatus.stores import Change, Store, Version
from jobstatus.strategies import JobStatusMachine, StrictJobStatusMachine
from tests.support.databases import Connection, execute, open_store

QUEUED = JobStatus.queued("job-42")
# nox -s endurance kills more writers.
KILLS = int(os.environ.get("JOBSTATUS_KILLS", "5"))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """Return an empty store."""
    with open_store(address) as opened:
        yield opened


def test_a_created_job_has_version_1(store: Store) -> None:
    """It is read with its version."""
    version = store.create(QUEUED)
    assert version.number == 1
    assert store.read("job-42") == (version, QUEUED)
    assert store.get("job-42") == QUEUED


def test_a_taken_id_is_not_created_again(store: Store) -> None:
    """The stored job stays as it is."""
    store.create(QUEUED)
    with pytest.raises(JobExistsError) as refused:
        store.create(JobStatus.queued("job-42", estimated_completion=datetime.now(UTC)))
    assert str(refused.value) == "id: expected a new id, got 'job-42', which is taken"
    assert store.get("job-42") == QUEUED


def test_a_new_job_is_in_the_initial_state(store: Store) -> None:
    """Otherwise its history would begin in the middle."""
    with pytest.raises(InvalidJobStatusError, match="expected queued for a new job, got failed"):
        store.create(JobStatus("job-42", "failed", error="e"))
    with pytest.raises(UnknownJobError):
        store.get("job-42")


@pytest.mark.parametrize("id", ["\ud800", "x" * 1_001, "\u00e9" * 501])
def test_an_id_that_a_database_cannot_store_is_rejected(store: Store, id: str) -> None:
    """The error is ours, not the driver's."""
    with pytest.raises(InvalidValueError, match=r"^id: expected at most 1000 bytes") as refused:
        store.create(JobStatus.queued(id))
    assert refused.value.code == "out_of_range"
    with pytest.raises(UnknownJobError):
        store.get(id)


@pytest.mark.parametrize("id", ["", "A", "a", "x" * 1_000, "\u00e9" * 500, "\U0001f600"])
def test_an_id_is_compared_by_its_characters(store: Store, id: str) -> None:
    """Upper and lower case differ."""
    others = [JobStatus.queued(other) for other in ("B", "b", "a ", "\u00e1")]
    for job in [*others, JobStatus.queued(id)]:
        store.create(job)
    assert store.get(id).id == id


def test_an_unknown_id_is_a_key_error_with_a_plain_text(store: Store) -> None:
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


def test_compare_and_set_replaces_the_version_that_was_read(store: Store) -> None:
    """It returns the next version."""
    first = store.create(QUEUED)
    second = store.compare_and_set(first, QUEUED.start())
    assert second == Version(2, first.creation)
    assert store.read("job-42") == (second, QUEUED.start())


def test_compare_and_set_rejects_an_old_version(store: Store) -> None:
    """Nothing is written, and the error has both versions."""
    first = store.create(QUEUED)
    second = store.compare_and_set(first, QUEUED.start())
    with pytest.raises(OvertakenError) as refused:
        store.compare_and_set(first, QUEUED.cancel())
    error = refused.value
    assert (error.id, error.expected, error.stored) == ("job-42", str(first), str(second))
    assert error.status == "processing"
    found = f"expected '{first}', got '{second}'"
    assert str(error) == f"version: {found} (job 'job-42', which is processing now)"
    assert store.get("job-42") == QUEUED.start()


def test_a_late_worker_of_an_earlier_attempt_is_overtaken(address: str) -> None:
    """Its job equals the stored one, but its version does not."""
    with open_store(address, lifecycle=RETRYING) as store:
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


def test_an_illegal_change_is_rejected(store: Store) -> None:
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


def test_an_ended_job_never_changes(store: Store) -> None:
    """This includes its fields."""
    store.create(QUEUED)
    cancelled = store.apply("job-42", JobStatus.cancel)
    for after in (QUEUED.start(), QUEUED.cancel("late"), QUEUED.fail("late")):
        with pytest.raises(IllegalTransitionError):
            store.compare_and_set(cancelled.version, after)
    assert store.read("job-42") == cancelled


def test_an_equal_job_changes_nothing(store: Store) -> None:
    """Repeating a request is harmless, also after the end."""
    store.create(QUEUED)
    ended = store.apply("job-42", JobStatus.cancel)
    assert store.compare_and_set(ended.version, ended.job) == ended.version
    assert store.apply("job-42", lambda job: job) == ended
    assert len(store.history("job-42")) == 2


def test_apply_returns_what_it_stored(store: Store) -> None:
    """The function gets the stored job."""
    version = store.create(QUEUED)
    stored = store.apply("job-42", lambda job: job.update(progress=5))
    assert stored == (Version(2, version.creation), QUEUED.update(progress=5))


def test_an_error_of_the_function_leaves_the_job_unchanged(store: Store) -> None:
    """The error passes through, and the next call works."""
    store.create(QUEUED)
    for error in (RuntimeError("no"), KeyboardInterrupt()):

        def fail(_: object, error: BaseException = error) -> JobStatus:
            raise error

        with pytest.raises(type(error)) as raised:
            store.apply("job-42", fail)
        assert raised.value is error
    assert store.apply("job-42", JobStatus.start).version.number == 2


def test_apply_rejects_another_job(store: Store) -> None:
    """The function must return the same job, in another state."""
    store.create(QUEUED)
    forget: Any = JobStatus.to_payload
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got \{"):
        store.apply("job-42", forget)
    with pytest.raises(ValueError, match=r"^id: expected the id 'job-42', got 'other'$"):
        store.apply("job-42", lambda _: JobStatus.queued("other"))


@pytest.mark.parametrize(
    "call", ["create", "compare_and_set", "version", "get", "changes", "unfinished"]
)
def test_an_argument_of_another_type_is_a_type_error(store: Store, call: str) -> None:
    """It is a bug in the calling code."""
    version = store.create(QUEUED)
    calls: dict[str, Callable[[Any], object]] = {
        "changes": lambda value: [*store.changes(after=value)],
        "unfinished": lambda value: [*store.unfinished(unchanged_for=value)],
        "create": store.create,
        "compare_and_set": partial(store.compare_and_set, version),
        "version": lambda value: store.compare_and_set(value, QUEUED),
        "get": store.get,
    }
    with pytest.raises(TypeError):
        calls[call](5)


def test_the_history_has_every_accepted_change(store: Store) -> None:
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


def read_changes(store: Store, count: int, **options: str) -> list[Change]:
    """Return all changes. In PostgreSQL, transactions of other tests delay them."""
    deadline = time.monotonic() + 30
    while len(changes := [*store.changes(**options)]) < count and time.monotonic() < deadline:
        time.sleep(0.01)  # pragma: no cover - only in PostgreSQL
    return changes


def test_the_changes_of_all_jobs_are_read_in_order(store: Store) -> None:
    """A reader goes on after the last cursor that it has seen."""
    for number in range(1_200):
        store.create(JobStatus.queued(str(number)))
    changes = read_changes(store, 1_200)
    assert [change.job.id for change in changes] == [*map(str, range(1_200))]
    last = changes[-1].cursor
    assert [*store.changes(after=last)] == []
    store.apply("7", JobStatus.start)
    assert [change.job.id for change in read_changes(store, 1, after=last)] == ["7"]


def test_jobs_that_stay_unchanged_are_found(store: Store) -> None:
    """The one that has been unchanged for longest comes first, and ended ones are left out."""
    for name in ("a", "b", "c"):
        store.create(JobStatus.queued(name))
        time.sleep(0.002)  # the clock of the database has milliseconds
    store.apply("a", JobStatus.start)
    store.apply("c", JobStatus.cancel)
    assert [stored.job.id for stored in store.unfinished()] == ["b", "a"]
    assert [*store.unfinished(unchanged_for=timedelta(hours=1))] == []


def test_prune_removes_ended_jobs_with_their_history(store: Store) -> None:
    """Their ids may be used again, and no old version matches."""
    old = store.create(QUEUED)
    store.create(JobStatus.queued("active"))
    store.apply("job-42", JobStatus.cancel)
    assert store.prune(before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 1
    assert [change.job.id for change in read_changes(store, 1)] == ["active"]
    new = store.create(QUEUED)
    assert (new.number, new.creation) != (old.number, old.creation)
    with pytest.raises(OvertakenError):
        store.compare_and_set(old, QUEUED.start())
    with pytest.raises(InvalidValueError, match="expected an aware datetime"):
        store.prune(before=datetime(2026, 1, 1))  # noqa: DTZ001 - the error of this test


def test_a_store_keeps_the_members_that_the_interface_lacks(store: Store) -> None:
    """They are stored as the text that was read."""
    text = '{"id":"a","status":"queued","n":1.50e2,"deep":%s}' % ("[" * 100 + "]" * 100)
    job = Codec(unknown_keys="keep", max_depth=500).decode(text)
    store.create(job)
    assert store.get("a").to_json() == text
    assert store.apply("a", JobStatus.start).job.extra == job.extra
    assert store.history("a")[0].job == job


def test_a_store_keeps_any_text(store: Store) -> None:
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


@pytest.mark.parametrize("table", ['"; DROP TABLE jobs; --', "{jobs}", "a b", "select", "\u00e9%s"])
def test_any_name_of_a_table_is_quoted(address: str, table: str) -> None:
    """Stores with other tables share the file."""
    with open_store(address) as other, open_store(address, table=table) as store:
        other.create(QUEUED)
        store.create(QUEUED)
        store.apply("job-42", JobStatus.start)
        assert other.get("job-42") == QUEUED
        assert [change.version.number for change in store.history("job-42")] == [1, 2]


def test_tables_of_another_version_are_rejected(address: str) -> None:
    """A later release may have other columns."""
    open_store(address).close()
    execute(address, "UPDATE jobs_schema SET version = 2")
    with pytest.raises(StoreError, match=r"^expected tables of version 1, got 2$"):
        open_store(address)


def test_tables_of_another_lifecycle_are_rejected(address: str) -> None:
    """Their guard would refuse changes of this store, or let others pass."""
    open_store(address).close()
    with pytest.raises(StoreError, match=r"^expected tables with the lifecycle 'queued; queued: "):
        open_store(address, lifecycle=RETRYING)


def test_a_store_is_opened_again_with_its_jobs(address: str) -> None:
    """Creating the tables twice does nothing."""
    with open_store(address) as store:
        version = store.create(QUEUED)
    with open_store(address) as store:
        assert store.read("job-42") == (version, QUEUED)
        assert store.lifecycle == STANDARD


def test_a_closed_store_raises(address: str) -> None:
    """Closing it twice does nothing."""
    store = open_store(address)
    store.close()
    store.close()
    with pytest.raises(StoreError, match=r"^the store is closed$"):
        store.get("job-42")


def run_threads(work: Callable[[], None], count: int) -> None:
    """Run a function in threads, and wait for them."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def connections_of(store: Store) -> Any:
    """Return what opens and closes the connections of a store."""
    return getattr(store, "_database")._connections  # noqa: B009 - private


def test_threads_share_a_store(store: Store) -> None:
    """Each has its own connection, which closes with the thread."""
    store.create(QUEUED.update(progress=0))

    def work() -> None:
        for _ in range(20):
            store.apply("job-42", lambda job: job.update(progress=(job.progress or 0) + 0.5))

    run_threads(work, 4)
    gc.collect()
    assert store.get("job-42").progress == 40
    assert len(store.history("job-42")) == 81
    assert len(connections_of(store)._open_ones) == 1


def test_closing_a_store_closes_the_connections_of_other_threads(address: str) -> None:
    """They raise, and do not reopen the database."""
    store = open_store(address)
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
from tests.support.databases import open_store
store = open_store(sys.argv[1])
store.create(JobStatus.queued("job-42"))
child = os.fork()
if child == 0:
    store.apply("job-42", JobStatus.start)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(store.apply("job-42", JobStatus.complete).version.number)
"""


def test_a_child_process_opens_its_own_connection(address: str) -> None:
    """SQLite's connections must not cross a fork."""
    done = subprocess.run(
        [sys.executable, "-c", FORK, address], capture_output=True, check=False, text=True
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


class StoreMachine(StrictJobStatusMachine):
    """Play the callers of a store."""

    address: ClassVar[str]
    ids = st.sampled_from(["a", "A", "a ", "\u00e1", ""]) | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
    )

    def __init__(self) -> None:
        super().__init__()
        self.store = open_store(self.address, lifecycle=self.lifecycle)
        execute(self.address, "DELETE FROM jobs", "DELETE FROM jobs_changes")

    def create(self, job: JobStatus) -> bool:
        """Create a job."""
        try:
            self.store.create(job)
        except JobExistsError:
            return False
        return True

    def apply(self, token: Version, after: JobStatus) -> bool:
        """Change the version that the caller has read."""
        try:
            return self.store.compare_and_set(token, after) != token
        except (IllegalTransitionError, OvertakenError):
            return False

    def read(self, id: str) -> tuple[Version, JobStatus]:
        """Read a job."""
        return self.store.read(id)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"])
def test_a_store_keeps_the_lifecycle(address: str, lifecycle: Lifecycle) -> None:
    """The machine plays callers with current and with stale data."""
    options = {"address": address, "lifecycle": lifecycle}
    machine: Any = type("Machine", (StoreMachine,), options)
    run_state_machine_as_test(machine, settings=settings(max_examples=25))


class CarelessMachine(JobStatusMachine):
    """Play callers who write into the tables without comparing anything."""

    address: ClassVar[str]
    ids = StoreMachine.ids
    error_texts = st.text(max_size=4)

    def __init__(self) -> None:
        super().__init__()
        open_store(self.address, lifecycle=self.lifecycle).close()
        self.connection = Connection(self.address)
        self.connection.execute("DELETE FROM jobs")

    def create(self, job: JobStatus) -> bool:
        """Insert a row."""
        statement = "INSERT INTO jobs VALUES (?, 'c', 1, ?, ?, 0)"
        return self.connection.accepts(statement, job.id, job.status.value, job.to_json())

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Replace a row."""
        statement = "UPDATE jobs SET status = ?, payload = ? WHERE id = ?"
        return self.connection.accepts(statement, after.status.value, after.to_json(), after.id)

    def read(self, id: str) -> JobStatus:
        """Read a row."""
        ((payload,),) = self.connection.execute("SELECT payload FROM jobs WHERE id = ?", id)
        return JobStatus.from_json(payload)

    def teardown(self) -> None:
        """Close the connection."""
        self.connection.close()


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING], ids=["standard", "retrying"])
def test_the_tables_keep_the_lifecycle_whoever_writes(address: str, lifecycle: Lifecycle) -> None:
    """The last writer wins, but makes no illegal move."""
    options = {"address": address, "lifecycle": lifecycle}
    machine: Any = type("Machine", (CarelessMachine,), options)
    run_state_machine_as_test(machine, settings=settings(max_examples=25))


def add_progress(address: str, times: int) -> None:  # pragma: no cover - runs in other processes
    """Add to the progress of a job, a few times."""
    with open_store(address) as store:
        for _ in range(times):
            store.apply("job-42", lambda job: job.update(progress=(job.progress or 0) + 1 / 32))


def end_jobs(address: str, number: int) -> int:  # pragma: no cover - runs in other processes
    """Cancel or complete every job, and return how many this process ended."""
    ended = 0
    step = JobStatus.cancel if number % 2 else JobStatus.complete
    with open_store(address) as store:
        for index in range(500):
            try:
                store.apply(str(index), step)
            except IllegalTransitionError:
                continue
            ended += 1
    return ended


@pytest.mark.sampling
def test_no_update_of_eight_processes_is_lost(address: str) -> None:
    """Of 3,200 updates within one state, 3,200 arrive, and the history has them all."""
    with open_store(address) as store:
        store.create(QUEUED)
        store.apply("job-42", JobStatus.start)
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            pool.starmap(add_progress, [(address, 400)] * 8)
        assert store.get("job-42").progress == 100
        changes = store.history("job-42")
        assert [change.version.number for change in changes] == [*range(1, 3_203)]
        assert [*check_history([change.job for change in changes], gaps=False)] == []


@pytest.mark.sampling
def test_each_job_ends_once(address: str) -> None:
    """Eight processes cancel or complete 500 jobs at once, and 500 changes are accepted."""
    with open_store(address) as store:
        for index in range(500):
            store.create(JobStatus.queued(str(index)))
            store.apply(str(index), JobStatus.start)
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            ended = pool.starmap(end_jobs, [(address, number) for number in range(8)])
        assert sum(ended) == 500
        jobs = [change.job for change in read_changes(store, 1_500)]
        assert len(jobs) == 1_500
        assert [*check_history(jobs, gaps=False)] == []


WRITER = """
import itertools, sys
from jobstatus import JobStatus
from tests.support.databases import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
for number in itertools.count():
    store.apply("job-42", lambda job: job.update(progress=number % 101))
"""


def is_whole(store: Store, id: str) -> bool:
    """Return whether no version of a job is missing, and its row equals the last change."""
    stored, changes = store.read(id), store.history(id)
    numbers = [change.version.number for change in changes[: stored.version.number]]
    last = changes[stored.version.number - 1]
    return numbers == [*range(1, len(numbers) + 1)] and (last.version, last.job) == stored


@pytest.mark.sampling
def test_a_killed_writer_leaves_a_whole_database(address: str) -> None:
    """The row equals the last change, and no version is missing."""
    with open_store(address) as store:
        store.create(QUEUED)
        for _ in range(KILLS):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, address], stdout=subprocess.PIPE
            )
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(random.uniform(0, 0.1))  # a random moment
            writer.kill()
            writer.communicate()
            assert is_whole(store, "job-42")
    statement = "SELECT 'ok'" if "://" in address else "PRAGMA integrity_check"
    assert execute(address, statement) == [("ok",)]


@pytest.mark.sampling
def test_concurrent_starts_create_the_tables_once(address: str) -> None:
    """Eight processes open a new database at the same time."""
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        assert pool.map(open_and_close, [address] * 16) == [None] * 16


def open_and_close(address: str) -> None:  # pragma: no cover - runs in other processes
    """Open a store, and close it."""
    open_store(address).close()


def test_two_programs_that_create_the_tables_at_once_do_not_mix_their_lifecycles(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one has seen no tables either. It is refused, and changes no trigger."""
    with open_store(address) as store:
        store.create(QUEUED)
        store.apply("job-42", lambda job: job.fail("no such bucket"))
        database: Any = getattr(store, "_database")  # noqa: B009 - private
        kind: Any = database.__class__
        run, blind = kind.run, iter([True])

        def see_no_tables(self: object, name: str, *values: object) -> object:
            is_blind = name == "exists" and next(blind, False)
            return [] if is_blind else run(self, name, *values)

        monkeypatch.setattr(kind, "run", see_no_tables)
        with pytest.raises(StoreError, match="expected tables with the lifecycle"):
            open_store(address, lifecycle=RETRYING)
        statement = "UPDATE jobs SET status = 'queued' WHERE id = 'job-42'"
        with closing(Connection(address)) as connection:
            assert connection.refusal(statement) is not None


def test_changed_returns_the_jobs_with_other_versions(store: Store) -> None:
    """Those that have not changed are left out."""
    seen = {name: store.create(JobStatus.queued(name)) for name in ("a", "b", "c")}
    started = store.apply("b", JobStatus.start)
    assert store.changed(seen) == {"b": started}
    assert store.changed({**seen, "b": started.version}) == {}
    assert store.changed({}) == {}


def test_changed_returns_none_for_a_job_that_was_removed(store: Store) -> None:
    """An id that no job can have is the same."""
    version = store.create(QUEUED)
    assert store.changed({"gone": version, "\ud800": version}) == {"gone": None, "\ud800": None}


def test_changed_returns_a_job_that_was_created_again(store: Store) -> None:
    """Its number may be the same."""
    old = store.create(QUEUED)
    store.apply("job-42", JobStatus.cancel)
    assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 1
    new = store.create(QUEUED)
    assert new.number == old.number
    assert store.changed({"job-42": old}) == {"job-42": (new, QUEUED)}


def test_changed_takes_any_number_of_ids(store: Store) -> None:
    """A database may limit the values of a statement."""
    version = store.create(QUEUED)
    seen = {f"job-{n}": version for n in range(20_001)}
    found = store.changed(seen)
    assert len(found) == 20_000
    assert set(found.values()) == {None}


def test_wait_returns_after_some_seconds(store: Store) -> None:
    """If nothing happens."""
    before = time.monotonic()
    store.wait(0.01)
    assert time.monotonic() - before < 10


def test_watch_yields_every_change_up_to_the_outcome(store: Store) -> None:
    """Changes that come while it waits are yielded, too."""
    store.create(QUEUED)
    store.apply("job-42", JobStatus.start)
    changes = store.watch("job-42", interval=0.001)
    assert [next(changes).job.status for _ in range(2)] == ["queued", "processing"]
    later = threading.Timer(0.05, partial(store.apply, "job-42", JobStatus.complete))
    later.start()
    assert [(change.version.number, change.job.status) for change in changes] == [(3, "completed")]
    later.join()


def test_watch_goes_on_after_a_version(store: Store) -> None:
    """After the last version of an ended job, there is nothing more."""
    first = store.create(QUEUED)
    last = store.apply("job-42", JobStatus.cancel).version
    assert [change.version for change in store.watch("job-42", after=first)] == [last]
    assert [*store.watch("job-42", after=last)] == []


def test_watch_rejects_a_version_of_another_creation(store: Store) -> None:
    """Its job was removed, so that its changes cannot be read."""
    store.create(QUEUED)
    old = Version(1, "0" * 32)
    with pytest.raises(OvertakenError):
        next(store.watch("job-42", after=old))
    with pytest.raises(UnknownJobError):
        next(store.watch("nothing"))
    with pytest.raises(UnknownJobError):
        next(store.watch("nothing", after=old))


def test_closing_a_store_ends_watching(address: str) -> None:
    """The caller does not wait until the interval is over."""
    store = open_store(address)
    store.create(QUEUED)
    changes = store.watch("job-42", interval=600)
    next(changes)
    later = threading.Timer(0.05, store.close)
    later.start()
    with pytest.raises(StoreError):
        next(changes)
    later.join()


def test_a_cursor_of_another_kind_is_rejected(store: Store) -> None:
    """It comes from a file or a table of the caller."""
    for cursor in ("", "x", "-1", "1;2", "1-2-3", "\u0661"):
        with pytest.raises(InvalidValueError, match=r"^after: expected the cursor of a change"):
            next(store.changes(after=cursor))


@pytest.mark.sampling
def test_many_unfinished_jobs_are_read_in_parts(store: Store) -> None:
    """Jobs that change meanwhile do not come twice."""
    for number in range(1_005):
        store.create(JobStatus.queued(str(number)))
    found = store.unfinished()
    first = next(found)
    store.apply(first.job.id, JobStatus.start)
    ids = [first.job.id, *(stored.job.id for stored in found)]
    assert len(ids) >= 1_005
    assert len({*ids}) == 1_005
    assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 0


@pytest.mark.sampling
def test_many_ended_jobs_are_removed_in_parts(store: Store) -> None:
    """Each transaction removes a thousand."""
    for number in range(1_005):
        store.create(JobStatus.queued(str(number)))
        store.apply(str(number), JobStatus.cancel)
    assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 1_005
    assert [*store.unfinished()] == []


def test_jobs_that_change_in_the_loop_come_once(store: Store) -> None:
    """They would be found again and again."""
    for name in ("a", "b"):
        store.create(JobStatus.queued(name))
    found: list[str] = []
    for stored in store.unfinished():
        found.append(stored.job.id)
        time.sleep(0.002)  # the clock of the database has milliseconds
        store.apply(stored.job.id, JobStatus.start)
    assert found == ["a", "b"]


def test_watch_rejects_a_version_that_the_store_does_not_have_yet(store: Store) -> None:
    """It is from before a copy was restored."""
    version = store.create(QUEUED)
    with pytest.raises(OvertakenError):
        next(store.watch("job-42", after=Version(99, version.creation)))
