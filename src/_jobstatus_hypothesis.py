"""Teaches Hypothesis to draw JobStatus: what its entry point ``hypothesis`` calls.

This stands outside the package, for it runs in every process that imports Hypothesis: it must
neither pay for the package there, nor fail with it.
"""

import sys
from typing import Any, get_origin


def register() -> None:
    """Register JobStatus with Hypothesis, if both have been imported.

    Hypothesis calls this as it is imported, and the package does if it is imported later.
    """
    job_status = getattr(sys.modules.get("jobstatus._status"), "JobStatus", None)
    if isinstance(job_status, type):
        from hypothesis.strategies import register_type_strategy

        register_type_strategy(job_status, _resolve)


def _resolve(type_: Any) -> Any:
    # Hypothesis also asks for what JobStatus is a kind of, such as Hashable.
    if getattr(get_origin(type_) or type_, "__module__", None) != "jobstatus._status":
        return NotImplemented
    from jobstatus.strategies._jobs import from_type

    return from_type(type_)
