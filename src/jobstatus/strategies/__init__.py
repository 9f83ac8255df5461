"""Hypothesis strategies, and a state machine: test your own code against the contract.

With the extra ``hypothesis``. Every function returns a strategy that draws all that its name says,
shrinks to the simplest of it, and is narrowed by its arguments.
"""

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ModuleNotFoundError("expected Hypothesis: pip install 'jobstatus[hypothesis]'")

from jobstatus.strategies._documents import JsonDocument, json_documents
from jobstatus.strategies._histories import (
    IllegalHistory,
    Observation,
    histories,
    illegal_histories,
    observations,
)
from jobstatus.strategies._invalid_documents import InvalidDocument, invalid_documents
from jobstatus.strategies._invalid_payloads import InvalidPayload, invalid_payloads
from jobstatus.strategies._jobs import job_statuses, payloads
from jobstatus.strategies._machine import JobStatusMachine
from jobstatus.strategies._values import dates, error_texts, ids, progress_values, states

__all__ = [
    "IllegalHistory",
    "InvalidDocument",
    "InvalidPayload",
    "JobStatusMachine",
    "JsonDocument",
    "Observation",
    "dates",
    "error_texts",
    "histories",
    "ids",
    "illegal_histories",
    "invalid_documents",
    "invalid_payloads",
    "job_statuses",
    "json_documents",
    "observations",
    "payloads",
    "progress_values",
    "states",
]
