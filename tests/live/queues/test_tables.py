"""Each state of the queues has a row."""

# Celery has no types that pyright's strict mode knows.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import re

import pytest

from jobstatus.queues._tables import BULLMQ, CELERY, RQ
from tests.live.queues.test_bullmq import FOLDER


def test_each_state_of_celery_has_a_row() -> None:
    """Except those of tasks, which are processing."""
    pytest.importorskip("celery", reason="Celery is not installed")
    from celery import states

    assert CELERY.keys() == states.ALL_STATES | states.UNREADY_STATES


def test_each_state_of_rq_has_a_row() -> None:
    """It is an enum."""
    rq = pytest.importorskip("rq.job", reason="RQ is not installed")
    assert {state.value for state in rq.JobStatus} == RQ.keys()


def test_each_state_of_bullmq_has_a_row() -> None:
    """It is a type of its declarations."""
    declarations = FOLDER / "node_modules" / "bullmq"
    if not declarations.is_dir():
        pytest.skip("needs BullMQ: npm ci --prefix tests/live/queues/node")
    files = [
        path
        for name in ("job-type", "finished-status")
        for path in declarations.rglob(f"{name}.d.ts")
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    names = {name for text in texts for name in re.findall(r"'([a-z-]+)'", text)}
    # "paused" is an answer of getState, but not in the type.
    assert (names | {"paused"}) - {"repeat", "returnvalue", "unknown", "wait"} == BULLMQ.keys()
