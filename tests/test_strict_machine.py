"""StrictJobStatusMachine finds faults of versions and ids; both machines await coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from jobstatus import RETRYING, JobStatus
from jobstatus.strategies import JobStatusMachine, StrictJobStatusMachine

FEW = settings(max_examples=25)
FINDING = settings(max_examples=500, phases=[Phase.generate], report_multiple_bugs=False)


class Store(StrictJobStatusMachine):
    """A correct store in memory that compares versions."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, tuple[int, JobStatus]] = {}

    def create(self, job: JobStatus) -> bool | Awaitable[bool]:
        """Create a job if its id is free."""
        return self.jobs.setdefault(job.id, (1, job))[1] is job

    def apply(self, token: int, after: JobStatus) -> bool | Awaitable[bool]:
        """Accept a legal move of the current version."""
        version, job = self.jobs[after.id]
        if version != token or not self.allows(job, after):
            return False
        self.jobs[after.id] = version + 1, after
        return True

    def read(self, id: str) -> tuple[int, JobStatus] | Awaitable[tuple[int, JobStatus]]:
        """Return the current job with its version."""
        return self.jobs[id]


class Retrying(Store):
    """A correct store that allows retries."""

    lifecycle = RETRYING


class Quiet(Store):
    """A correct store in which an equal job is no change, from whatever version."""

    def apply(self, token: int, after: JobStatus) -> bool | Awaitable[bool]:
        """Accept the stored job again."""
        return self.jobs[after.id][1] == after or super().apply(token, after)


class Asynchronous(Store):
    """A correct store whose methods are coroutines."""

    async def create(self, job: JobStatus) -> bool:
        """Create a job if its id is free."""
        await asyncio.sleep(0)
        answer = super().create(job)
        assert isinstance(answer, bool)
        return answer

    async def apply(self, token: int, after: JobStatus) -> bool:
        """Accept a legal move of the current version."""
        await asyncio.sleep(0)
        answer = super().apply(token, after)
        assert isinstance(answer, bool)
        return answer

    async def read(self, id: str) -> tuple[int, JobStatus]:
        """Return the current job with its version."""
        await asyncio.sleep(0)
        return self.jobs[id]


@pytest.mark.parametrize("machine", [Store, Retrying, Quiet, Asynchronous])
def test_a_correct_system_passes(machine: type[Store]) -> None:
    """A change of a current version must be accepted, and an equal job may be."""
    run_state_machine_as_test(machine, settings=FEW)


class LastWriterWins(Store):
    """A store that compares states, so that an update from an old version undoes another one."""

    def apply(self, token: int, after: JobStatus) -> bool:
        """Accept a move that is legal now."""
        version, job = self.jobs[after.id]
        if accepts := self.allows(job, after):
            self.jobs[after.id] = version + 1, after
        return accepts


class ComparesValues(Retrying):
    """A store that takes a late worker of a first attempt for the worker of the second."""

    def read(self, id: str) -> tuple[Any, JobStatus]:
        """Return the current job, and the job as its version."""
        job = self.jobs[id][1]
        return job, job

    def apply(self, token: Any, after: JobStatus) -> bool:
        """Accept a legal move of an equal job."""
        job = self.jobs[after.id][1]
        if accepts := token == job and self.allows(job, after):
            self.jobs[after.id] = 1, after
        return accepts


class IgnoresCase(Store):
    """A store with a collation that ignores case."""

    def create(self, job: JobStatus) -> bool:
        """Create a job if its id is free."""
        return self.jobs.setdefault(job.id.lower(), (1, job))[1] is job

    def apply(self, token: int, after: JobStatus) -> bool:
        """Accept a legal move of the current version."""
        version, job = self.jobs[after.id.lower()]
        if accepts := version == token and self.allows(job, after):
            self.jobs[after.id.lower()] = version + 1, after
        return accepts

    def read(self, id: str) -> tuple[int, JobStatus]:
        """Return the current job with its version."""
        return self.jobs[id.lower()]


class Drops(Store):
    """A store that keeps the newer fields of a job, instead of those that it accepted."""

    def apply(self, token: int, after: JobStatus) -> bool:
        """Accept a legal move, and lose the estimate."""
        version, job = self.jobs[after.id]
        accepts = version == token and self.allows(job, after)
        kept = version + accepts, JobStatus(after.id, after.status) if accepts else job
        self.jobs[after.id] = kept
        return accepts


@pytest.mark.sampling
@pytest.mark.parametrize(
    ("machine", "complaint"),
    [
        (LastWriterWins, "accepted a move from an old version"),
        (ComparesValues, "accepted a move from an old version"),
        (IgnoresCase, "rejected a new job"),
        (Drops, "did not keep a move that it accepted"),
    ],
)
def test_a_broken_store_is_found(machine: type[Store], complaint: str) -> None:
    """The first three pass JobStatusMachine."""
    with pytest.raises(AssertionError, match=f"^{complaint}\n"):
        run_state_machine_as_test(machine, settings=FINDING)


@pytest.mark.parametrize("method", ["create", "apply", "read"])
def test_the_error_names_a_missing_method(method: str) -> None:
    """It names the class too."""
    machine = type("Machine", (Store,), {method: getattr(StrictJobStatusMachine, method)})
    with pytest.raises(NotImplementedError, match=rf"^Machine must define {method}\(\)"):
        run_state_machine_as_test(machine, settings=FINDING)


class Loose(JobStatusMachine):
    """A broken store with coroutines, which accepts everything."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, JobStatus] = {}
        self.loops = set[int]()

    async def create(self, job: JobStatus) -> bool:
        """Create a job if its id is free."""
        self.loops.add(id(asyncio.get_running_loop()))
        return self.jobs.setdefault(job.id, job) is job

    async def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept anything."""
        self.jobs[after.id] = after
        return True

    async def read(self, id: str) -> JobStatus:
        """Return the current job."""
        return self.jobs[id]

    def teardown(self) -> None:
        """Wait for a coroutine, as one that closes a pool."""
        assert self.run(asyncio.sleep(0, "closed")) == "closed"
        assert len(self.loops) <= 1


def test_coroutines_run_in_one_event_loop() -> None:
    """So a pool of connections can stay open from one call to the next."""
    with pytest.raises(AssertionError, match=r"^accepted an illegal move\n"):
        run_state_machine_as_test(Loose, settings=FINDING)


@pytest.mark.parametrize("found", [JobStatus.queued("a"), (1,), (1, 2)])
def test_reading_must_return_a_token_and_a_job(found: object) -> None:
    """A store that returns the job alone is not a strict one."""

    def read(*_: object) -> object:
        return found

    machine = type("Machine", (Store,), {"read": read})
    with pytest.raises(TypeError, match=r"^read: expected a token and a JobStatus, got "):
        run_state_machine_as_test(machine, settings=FINDING)


def test_a_coroutine_cannot_be_the_teardown() -> None:
    """Hypothesis would not wait for it."""

    async def teardown(_: object) -> None: ...

    machine = type("Machine", (Store,), {"teardown": teardown})
    with pytest.raises(TypeError, match=r"^teardown: cannot be a coroutine"):
        run_state_machine_as_test(machine, settings=FINDING)
