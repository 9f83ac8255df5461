"""`SqliteStore` in particular."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jobstatus import InvalidValueError, JobStatus, OvertakenError, StoreError
from jobstatus.stores import SqliteStore
from jobstatus.stores import _connections as connections
from jobstatus.stores import _sqlite as sqlite
from jobstatus.stores import _statements as statements
from tests.stores.behaviour import QUEUED, connections_of


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": ":memory:"}, "path: expected the path of a file, got ':memory:'"),
        ({"path": "a\0b"}, "path: expected the path of a file, got 'a\\x00b'"),
        ({"path": ""}, "path: expected the path of a file, got ''"),
        ({"lifecycle": "standard"}, "lifecycle: expected a Lifecycle, got 'standard'"),
        ({"synchronous": "OFF"}, "synchronous: expected 'FULL' or 'NORMAL', got 'OFF'"),
        ({"timeout": 0}, "timeout: expected a number from 0 to 2000000, got 0"),
        ({"timeout": float("nan")}, "timeout: expected a number from 0 to 2000000, got nan"),
        ({"table": ""}, "table: expected a name without U+0000 or surrogates, got ''"),
        ({"table": "a\0"}, "table: expected a name without U+0000 or surrogates, got 'a\\x00'"),
        ({"table": "\ud800"}, "table: expected a name without U+0000 or surrogates, got '\\ud800'"),
    ],
)
def test_an_invalid_option_is_rejected(address: str, options: dict[str, Any], message: str) -> None:
    """No file is created."""
    arguments: dict[str, Any] = {"path": address, **options}
    with pytest.raises(InvalidValueError) as refused:
        SqliteStore(arguments.pop("path"), **arguments)
    assert (refused.value.code, str(refused.value)) == ("invalid_option", message)
    assert not Path(address).exists()


def test_a_database_that_cannot_be_opened_is_a_store_error(tmp_path: Path) -> None:
    """The driver's error is the cause."""
    with pytest.raises(StoreError, match=r"^SQLite failed: unable to open") as refused:
        SqliteStore(tmp_path / "missing" / "jobs.sqlite")
    assert isinstance(refused.value.__cause__, sqlite3.Error)
    (tmp_path / "text").write_text("x" * 5_000)
    with pytest.raises(StoreError, match="file is not a database"):
        SqliteStore(tmp_path / "text", timeout=0.01)


def test_a_locked_database_is_a_store_error_and_works_again(address: str) -> None:
    """The store waits for the timeout, and nothing is written."""
    with SqliteStore(address, timeout=0.05) as store:
        store.create(QUEUED)
        other = sqlite3.connect(address, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked"):
            store.apply("job-42", JobStatus.start)
        other.execute("ROLLBACK")
        other.close()
        assert store.apply("job-42", JobStatus.start).version.number == 2


def test_a_full_disk_is_a_store_error_and_works_again(address: str) -> None:
    """Nothing is half written: the job and its history are those before."""
    with SqliteStore(address) as store:
        store.create(QUEUED)
        connection: Any = connections_of(store).get()
        (pages,) = connection.execute("PRAGMA page_count")[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="database or disk is full"):
            store.apply("job-42", lambda job: job.fail("x" * 100_000))
        assert store.get("job-42") == QUEUED
        connection.execute("PRAGMA max_page_count = 1000000")
        store.apply("job-42", lambda job: job.fail("x" * 100_000))
        assert [change.version.number for change in store.history("job-42")] == [1, 2]


def test_connections_of_a_parent_are_neither_used_nor_closed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that closed one could remove the locks of its own other connections."""
    inherited: list[Any] = []
    monkeypatch.setattr(connections, "_INHERITED", inherited)
    with SqliteStore(address) as store:
        store.create(QUEUED)
        parent: Any = connections_of(store).get()
        with monkeypatch.context() as child:
            child.setattr("os.getpid", lambda: -1)
            assert store.get("job-42") == QUEUED
            assert connections_of(store).get() is not parent
            assert parent.execute("SELECT 1") == [(1,)]
            store.close()
        parent.close()
    assert inherited


def test_the_switch_to_a_log_waits_for_other_processes(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself would raise at once."""
    monkeypatch.setattr(sqlite, "_PAUSE", 0.001)
    other = sqlite3.connect(address, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE other (x)")
    other.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.05, partial(other.execute, "ROLLBACK"))
    release.start()
    SqliteStore(address, timeout=30).close()
    release.join()
    other.close()


def test_the_switch_to_a_log_gives_up_after_the_timeout(address: str) -> None:
    """The error is SQLite's."""
    other = sqlite3.connect(address, isolation_level=None)
    other.execute("CREATE TABLE other (x)")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="database is locked"):
        SqliteStore(address, timeout=0.01)
    other.close()


def test_importing_the_package_does_not_import_the_stores() -> None:
    """Only programs that import `jobstatus.stores` load sqlite3."""
    program = "import sys, jobstatus; print('sqlite3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"


def test_a_writer_that_was_overtaken_once_locks_the_job(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in PostgreSQL, where somebody else may write between reading and writing."""
    with SqliteStore(address) as store:
        version = store.create(QUEUED)
        database = getattr(store, "_database")  # noqa: B009 - private
        replace, calls = database.replace, list[object]()

        def late(*values: object) -> bool:
            calls.append(values)
            return len(calls) > 1 and bool(replace(*values))

        monkeypatch.setattr(database, "replace", late)
        with pytest.raises(OvertakenError):
            store.compare_and_set(version, QUEUED.cancel())
        calls.clear()
        assert store.apply("job-42", JobStatus.start).version.number == 2
        assert len(calls) == 2


def test_the_statements_of_postgresql_name_its_tables() -> None:
    """A percent sign is doubled, and a notification is sent with a change."""
    made = statements.postgresql_statements('a%"b', "s", channel="c")
    assert '"s"."a%%""b_changes"' in made["replace"]
    assert "pg_notify('c', '')" in made["create"]
    assert statements.postgresql_statements("a", None, channel=None)["create"].endswith(" 1")


def test_an_interrupt_while_waiting_for_the_lock_leaves_no_transaction(address: str) -> None:
    """It comes when SQLite has the lock. The next call works."""
    program = """
import os, signal, sqlite3, sys, threading, time
from jobstatus import JobStatus
from jobstatus.stores import SqliteStore
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
store = SqliteStore(sys.argv[1])
store.create(JobStatus.queued("a"))
other = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
other.execute("BEGIN IMMEDIATE")

def interrupt():
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)
    other.execute("COMMIT")

thread = threading.Thread(target=interrupt)
thread.start()
try:
    store.apply("a", JobStatus.cancel)
except KeyboardInterrupt:
    print("interrupted")
thread.join()
print(store.apply("a", JobStatus.start).version.number)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, address], capture_output=True, check=False, text=True
    )
    assert (done.stdout, done.stderr) == ("interrupted\n2\n", "")


def test_closing_a_store_that_is_in_use_does_not_crash(address: str) -> None:
    """Other threads get a StoreError."""
    program = """
import sys, threading, time
from jobstatus import JobStatus, StoreError
from jobstatus.stores import SqliteStore
store = SqliteStore(sys.argv[1])
store.create(JobStatus.queued("a"))

def work():
    try:
        while True:
            store.get("a")
    except StoreError:
        stopped.append(True)

stopped = []
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
time.sleep(0.1)
store.close()
for thread in threads:
    thread.join()
print(len(stopped))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, address], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "4\n", "")


def test_tables_are_the_same_in_upper_case(tmp_path: Path) -> None:
    """SQLite does not distinguish their names."""
    path = tmp_path / "jobs.sqlite"
    with SqliteStore(path) as store:
        store.create(QUEUED)
    with SqliteStore(path, table="JOBS") as store:
        assert store.get("job-42") == QUEUED
