"""`PostgresStore` in particular: late transactions, lost connections, restarts, notifications."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import psycopg
import pytest

from jobstatus import (
    IllegalTransitionError,
    InvalidValueError,
    JobStatus,
    OvertakenError,
    StoreError,
)
from jobstatus.contract import sql
from jobstatus.stores import PostgresStore, Store, Version
from tests.stores.behaviour import KILLS, QUEUED, is_whole, run_threads
from tests.support.cluster import Cluster, cluster
from tests.support.databases import execute


@pytest.fixture
def store(address: str) -> Iterator[PostgresStore]:
    """Return an empty store."""
    with PostgresStore(address) as opened:
        yield opened


Step: TypeAlias = Callable[[JobStatus], JobStatus]


class Writer:
    """A transaction of another process, which writes when the test says so."""

    def __init__(self, address: str, store: Store) -> None:
        self.connection = psycopg.connect(address)
        self._replace = getattr(store, "_database")._statements["replace"]  # noqa: B009 - private

    def begin(self) -> None:
        """Begin a transaction, and take its number."""
        self.connection.execute("SELECT pg_current_xact_id()")

    def write(self, version: Version, job: JobStatus) -> None:
        """Change a job, as the store does."""
        values = (job.status.value, job.to_json(), job.id, version.creation, version.number)
        assert self.connection.execute(self._replace.encode(), values).rowcount == 1

    def commit(self) -> None:
        """Commit the transaction."""
        self.connection.commit()


@pytest.fixture
def writers(address: str, store: PostgresStore) -> Iterator[tuple[Writer, Writer]]:
    """Return two transactions of other processes."""
    with closing(psycopg.connect(address)):
        first, second = Writer(address, store), Writer(address, store)
        yield first, second
        first.connection.close()
        second.connection.close()


def ids_after(store: Store, after: str, count: int) -> list[str]:
    """Return the jobs of the changes after a cursor, as soon as there are as many."""
    deadline = time.monotonic() + 30
    while len(changes := [*store.changes(after=after)]) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return [change.job.id for change in changes]


def test_a_change_whose_transaction_ends_late_is_not_skipped(
    store: PostgresStore, writers: tuple[Writer, Writer]
) -> None:
    """Later changes wait for it, and `watch` does not."""
    versions = [store.create(JobStatus.queued(name)) for name in ("late", "early")]
    ids_after(store, "0-0", 2)
    start = [*store.changes()][-1].cursor
    writers[0].write(versions[0], JobStatus.queued("late").cancel())
    store.apply("early", JobStatus.cancel)
    assert [*store.changes(after=start)] == []
    watched = store.watch("early", after=versions[1])
    assert [change.job.status.value for change in watched] == ["cancelled"]
    writers[0].commit()
    assert ids_after(store, start, 2) == ["late", "early"]


def test_the_order_is_that_of_transactions_not_of_a_sequence(
    store: PostgresStore, writers: tuple[Writer, Writer]
) -> None:
    """A reader of ``cursor > last`` would skip the one that took its number first."""
    older, newer = writers
    versions = {name: store.create(JobStatus.queued(name)) for name in ("older", "newer")}
    ids_after(store, "0-0", 2)
    start = [*store.changes()][-1].cursor
    older.begin()
    newer.begin()
    newer.write(versions["newer"], JobStatus.queued("newer").cancel())
    older.write(versions["older"], JobStatus.queued("older").cancel())
    older.commit()
    assert ids_after(store, start, 1) == ["older"]
    seen = [*store.changes(after=start)][-1].cursor
    newer.commit()
    assert ids_after(store, seen, 1) == ["newer"]


def test_the_changes_of_a_restored_database_are_read(address: str) -> None:
    """Its transactions are those of another server. Their order is kept, before all new ones."""
    with PostgresStore(address) as store:
        for name in ("a", "b"):
            store.create(JobStatus.queued(name))
    execute(address, "UPDATE jobs_changes SET xid = (xid::text::bigint + 10000000)::text::xid8")
    with PostgresStore(address) as store:
        store.create(JobStatus.queued("c"))
        assert ids_after(store, "0-0", 3) == ["a", "b", "c"]


def test_a_notification_wakes_the_watcher(address: str) -> None:
    """It has no text, because one of over 8,000 bytes would abort the change."""
    with PostgresStore(address, notify=True) as store:
        store.create(JobStatus.queued("x" * 1_000))
        changes = store.watch("x" * 1_000, interval=600)
        next(changes)
        steps: dict[str, Step] = {"processing": JobStatus.start, "cancelled": JobStatus.cancel}
        for status, step in steps.items():
            later = threading.Timer(0.2, store.apply, ["x" * 1_000, step])
            later.start()
            assert next(changes).job.status == status
            later.join()
        assert [*changes] == []


def test_an_error_of_the_server_is_one_line(store: PostgresStore, address: str) -> None:
    """Its other lines quote the statement and its values."""
    execute(address, "DROP TABLE jobs")
    with pytest.raises(StoreError) as failed:
        store.get("SECRET")
    assert str(failed.value) == 'PostgreSQL failed: relation "jobs" does not exist'


def test_an_id_with_a_null_character_is_rejected(store: PostgresStore) -> None:
    """PostgreSQL cannot store it. The error is ours."""
    with pytest.raises(InvalidValueError, match=r"without U\+0000, got 'a\\x00'$"):
        store.create(JobStatus.queued("a\0"))
    assert ids_after(store, "0-0", 0) == []


@pytest.mark.parametrize("text", ["postgresql//root:SECRET@host/db", "SECRET", "port", 5])
def test_an_invalid_address_is_not_shown(text: str) -> None:
    """It may have a password."""
    with pytest.raises(InvalidValueError) as refused:
        PostgresStore(text)
    assert str(refused.value) == "conninfo: expected a connection string or URI of PostgreSQL"
    assert refused.value.__cause__ is None


def test_a_server_that_does_not_answer_is_a_store_error() -> None:
    """It names the server."""
    with pytest.raises(StoreError, match=r"^PostgreSQL failed: .*port 1 failed: Connection ref"):
        PostgresStore("postgresql://root:SECRET@127.0.0.1:1/db")


def test_a_stricter_isolation_of_the_database_does_not_matter(address: str) -> None:
    """Writers that meet wait for each other."""
    name = address.rpartition("/")[2]
    setting = "default_transaction_isolation = 'repeatable read'"
    execute(address, f"ALTER DATABASE {name} SET {setting}")
    with PostgresStore(address) as store:
        store.create(QUEUED.update(progress=0))

        def work() -> None:
            for _ in range(20):
                store.apply("job-42", lambda job: job.update(progress=(job.progress or 0) + 1))

        run_threads(work, 4)
        assert store.get("job-42").progress == 80


FORK = """
import os, sys, threading, time
from jobstatus import JobStatus
from jobstatus.stores import PostgresStore
store = PostgresStore(sys.argv[1])
store.create(JobStatus.queued("a"))
begun = threading.Event()

def slow(job):
    begun.set()
    time.sleep(0.3)
    return job.start()

thread = threading.Thread(target=lambda: print(store.apply("a", slow).version.number))
thread.start()
begun.wait()
if os.fork() == 0:
    os._exit(0)
thread.join()
"""


def test_a_fork_leaves_the_connections_of_other_threads_alone(address: str) -> None:
    """The child must not end them."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, address],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("2\n", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"table": "a" * 49}, r"^table: expected a name of at most 48 bytes"),
        ({"timeout": float("inf")}, r"^timeout: expected a number from 0 to 2000000, got inf$"),
    ],
)
def test_an_invalid_option_is_rejected(address: str, options: dict[str, Any], message: str) -> None:
    """The longest name is not cut."""
    PostgresStore(address, table="a" * 48).close()
    with pytest.raises(InvalidValueError, match=message):
        PostgresStore(address, **options)


class Interrupted:
    """A cursor that is interrupted while the server works."""

    def execute(self, *_: object) -> None:
        """Be interrupted."""
        raise KeyboardInterrupt


def test_an_interrupted_statement_costs_its_connection_only(store: PostgresStore) -> None:
    """The next call works."""
    store.create(QUEUED)
    connection: Any = getattr(store, "_database")._connections.get()  # noqa: B009 - private
    connection._cursor = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        store.get("job-42")
    assert store.get("job-42") == QUEUED


def test_a_schema_has_its_own_tables(address: str) -> None:
    """It may have any name."""
    execute(address, 'CREATE SCHEMA "a %s.b"')
    with PostgresStore(address) as one, PostgresStore(address, schema="a %s.b") as other:
        one.create(QUEUED)
        other.create(QUEUED)
        one.apply("job-42", JobStatus.cancel)
        assert other.get("job-42") == QUEUED


def test_partitioned_tables_keep_the_same_rules(address: str) -> None:
    """An administrator has created them, and the store uses them."""
    execute(address, *sql.tables("postgresql", partitions=4))
    with PostgresStore(address) as store:
        for number in range(20):
            name = str(number)
            store.create(JobStatus.queued(name))
            with store.work(name) as work:
                work.report(50)
        assert ids_after(store, "0-0", 80)[::4] == [*map(str, range(20))]
        assert {len(store.history(str(number))) for number in range(20)} == {4}
        parts = execute(address, *(f"SELECT count(*) FROM jobs_changes_{n}" for n in range(4)))
        assert parts[0][0] > 0
        with pytest.raises(IllegalTransitionError):
            store.apply("7", JobStatus.start)
        with pytest.raises(psycopg.errors.CheckViolation):
            execute(address, "UPDATE jobs SET status = 'queued'")
        assert store.prune(before=datetime.now(UTC) + timedelta(hours=1)) == 20


def test_a_role_that_may_not_create_tables_uses_those_that_exist(address: str) -> None:
    """An administrator has created them with ``jobstatus sql``."""
    PostgresStore(address).close()
    role = f"jobstatus_{uuid4().hex[:12]}"
    execute(address, f"CREATE ROLE {role}", f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        with PostgresStore(f"{address}?options=-c%20role%3D{role}") as store:
            store.create(QUEUED)
            assert store.apply("job-42", JobStatus.start).version.number == 2
    finally:
        execute(address, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_locked_job_is_a_store_error_and_works_again(address: str) -> None:
    """The store waits for the timeout, and nothing is written."""
    with PostgresStore(address, timeout=0.1) as store, psycopg.connect(address) as other:
        store.create(QUEUED)
        other.execute("SELECT * FROM jobs FOR UPDATE")
        with pytest.raises(StoreError, match=r"statement timeout"):
            store.apply("job-42", JobStatus.start)
        other.rollback()
        assert store.apply("job-42", JobStatus.start).version.number == 2


def test_an_error_in_a_locked_change_leaves_the_job_unchanged(
    store: PostgresStore, address: str
) -> None:
    """The lock is released."""
    version = store.create(QUEUED)
    calls = list[JobStatus]()

    def change(job: JobStatus) -> JobStatus:
        calls.append(job)
        if len(calls) == 1:
            with PostgresStore(address) as other:
                other.compare_and_set(version, job.start())
            return job.cancel()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match=r"^no$"):
        store.apply("job-42", change)
    assert [job.status.value for job in calls] == ["queued", "processing"]
    with PostgresStore(address, timeout=1) as other:
        assert other.apply("job-42", JobStatus.complete).version.number == 3


def test_compare_and_set_loses_to_a_faster_writer(store: PostgresStore, address: str) -> None:
    """It comes between reading and writing."""
    version = store.create(QUEUED)
    database = getattr(store, "_database")  # noqa: B009 - private
    replace = database.replace

    def late(*values: object) -> bool:
        with PostgresStore(address) as other:
            other.compare_and_set(version, QUEUED.start())
        return bool(replace(*values))

    database.replace = late
    with pytest.raises(OvertakenError):
        store.compare_and_set(version, QUEUED.cancel())
    assert store.get("job-42") == QUEUED.start()


def terminate(address: str) -> None:
    """End all other connections to a database."""
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    execute(address, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def test_a_lost_connection_is_replaced(store: PostgresStore, address: str) -> None:
    """An idle one is found by the reading before a change, so that nothing fails."""
    store.create(QUEUED)
    for step in (JobStatus.start, JobStatus.complete):
        terminate(address)
        store.apply("job-42", step)
    terminate(address)
    version = store.create(JobStatus.queued("other"))
    terminate(address)
    assert store.read("other").version == version


WRITER = """
import itertools, sys
from jobstatus import JobStatus, StoreError
from jobstatus.contract import sql
from jobstatus.stores import PostgresStore
store = PostgresStore(sys.argv[1])
print("ready", flush=True)
accepted = unknown = 0
while "stop" not in (store.read("job-42").job.error or ""):
    try:
        store.apply("job-42", lambda job: job.update(progress=((job.progress or 0) + 1) % 100))
        accepted += 1
    except StoreError:
        unknown += 1
    except ValueError:
        break
print(accepted, unknown)
"""


def test_terminated_backends_leave_a_whole_database(address: str) -> None:
    """What was accepted is in the history, and no version is missing."""
    with PostgresStore(address) as store:
        store.create(QUEUED)
        store.apply("job-42", JobStatus.start)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, address], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for _ in range(KILLS):
            time.sleep(random.uniform(0.001, 0.05))  # a random moment
            terminate(address)
            assert is_whole(store, "job-42")
        store.apply("job-42", JobStatus.cancel)
        accepted, unknown = map(int, writer.communicate(timeout=60)[0].split())
        # A change whose connection was lost may have been written.
        assert accepted <= store.read("job-42").version.number - 3 <= accepted + unknown


@pytest.fixture
def own_server() -> Iterator[Cluster]:
    """Return a server that the test may stop."""
    with cluster() as started:
        yield started


def test_a_store_works_again_after_a_restart(own_server: Cluster) -> None:
    """While the server is down, each call is a StoreError."""
    with PostgresStore(own_server.address) as store:
        first = store.create(QUEUED)
        changes = store.watch("job-42", interval=0.01)
        assert next(changes).version == first
        with pytest.raises(StoreError), store.work("job-42") as work:  # noqa: PT012 - stops inside
            work.report(10)
            own_server.stop()
            work.report(20)
        with pytest.raises(StoreError):
            store.apply("job-42", JobStatus.cancel)
        with pytest.raises(StoreError):
            next(changes)
        own_server.start()
        (unfinished,) = store.unfinished()
        assert unfinished.job.progress == 10
        with store.work("job-42", take_over=True) as work:
            own_server.stop("immediate")
            own_server.start()
            work.report(50)
        seen = [change.job.progress for change in store.watch("job-42", after=first)]
        assert seen == [None, 10, 10, 50, 100]
        assert is_whole(store, "job-42")


def write_until(store: Store, stop: threading.Event, accepted: list[int]) -> None:
    """Change a job again and again, and note the versions."""
    while not stop.is_set():
        try:
            done = store.apply(
                "job-42", lambda job: job.update(progress=((job.progress or 0) + 1) % 100)
            )
            accepted.append(done.version.number)
        except StoreError:
            stop.wait(0.01)


def watch_all(store: Store, last: Version, seen: list[int]) -> None:
    """Watch a job to its end, and note the versions."""
    while True:
        try:
            for change in store.watch("job-42", after=last, interval=0.01):
                seen.append(change.version.number)
                last = change.version
        except StoreError:
            time.sleep(0.01)
        else:
            return


def test_writers_and_watchers_survive_crashes(own_server: Cluster) -> None:
    """The watcher sees each version once, and every accepted change is there."""
    store = PostgresStore(own_server.address, timeout=10)
    version = store.create(QUEUED)
    store.apply("job-42", JobStatus.start)
    accepted, seen, stop = list[int](), list[int](), threading.Event()
    threads = [
        threading.Thread(target=write_until, args=(store, stop, accepted)),
        threading.Thread(target=watch_all, args=(store, version, seen)),
    ]
    for thread in threads:
        thread.start()
    for _ in range(max(2, KILLS // 8)):
        time.sleep(random.uniform(0.1, 0.3))  # a random moment
        own_server.stop("immediate")
        own_server.start()
    time.sleep(0.1)
    stop.set()
    threads[0].join()
    last = store.apply("job-42", JobStatus.complete).version.number
    threads[1].join()
    assert seen == [*range(2, last + 1)]
    assert {*accepted} <= {*seen}
    assert len(accepted) > 10
    assert is_whole(store, "job-42")
    store.close()


def test_a_store_on_a_replica_reads(own_server: Cluster) -> None:
    """It sees the changes of the primary, a little later, and cannot write."""
    with PostgresStore(own_server.address) as store:
        first = store.create(QUEUED)
        with cluster(own_server) as replica, PostgresStore(replica.address) as reader:
            changes = reader.watch("job-42", after=first, interval=0.01)
            store.apply("job-42", JobStatus.cancel)
            assert [change.job.status.value for change in changes] == ["cancelled"]
            assert ids_after(reader, "0-0", 2) == ["job-42", "job-42"]
            assert reader.history("job-42") == store.history("job-42")
            with pytest.raises(StoreError, match="read-only transaction"):
                reader.create(JobStatus.queued("other"))


def test_psycopg_is_needed_only_when_a_store_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "jobstatus.stores._postgres_connection", None)
    with pytest.raises(ImportError, match=r"jobstatus\[postgres\]"):
        PostgresStore("postgresql://root@127.0.0.1/postgres")


def test_a_connection_with_another_encoding_stores_any_text(address: str) -> None:
    """The client's encoding is UTF-8, whatever the environment says."""
    with PostgresStore(f"{address}?client_encoding=latin1") as store:
        store.create(JobStatus.queued("\u20ac"))
        assert store.get("\u20ac").id == "\u20ac"
