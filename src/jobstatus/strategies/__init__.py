"""Hypothesis strategies and a state machine for testing your own code against the contract.

Needs the extra ``hypothesis``. Each function returns a strategy that can draw every value of its
kind and shrinks to the simplest one. Pass arguments to draw fewer kinds of values.
"""

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ModuleNotFoundError(
        "jobstatus.strategies needs Hypothesis: pip install 'jobstatus[hypothesis]'"
    )

from jobstatus.strategies._configuration import codecs, lifecycles
from jobstatus.strategies._documents import (
    InvalidDocument,
    JsonDocument,
    invalid_documents,
    json_documents,
)
from jobstatus.strategies._histories import (
    IllegalHistory,
    Observation,
    histories,
    illegal_histories,
    observations,
)
from jobstatus.strategies._machine import JobStatusMachine, StrictJobStatusMachine
from jobstatus.strategies._payloads import (
    InvalidPayload,
    invalid_payloads,
    job_statuses,
    payloads,
)
from jobstatus.strategies._values import dates, error_texts, ids, progress_values, states

__all__ = [
    "IllegalHistory",
    "InvalidDocument",
    "InvalidPayload",
    "JobStatusMachine",
    "JsonDocument",
    "Observation",
    "StrictJobStatusMachine",
    "codecs",
    "dates",
    "error_texts",
    "histories",
    "ids",
    "illegal_histories",
    "invalid_documents",
    "invalid_payloads",
    "job_statuses",
    "json_documents",
    "lifecycles",
    "observations",
    "payloads",
    "progress_values",
    "states",
]
