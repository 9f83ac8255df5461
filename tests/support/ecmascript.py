"""A simple and slow JSON.stringify for jobs, which follows the steps of ECMA-262."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from jobstatus import JobStatus


def stringify(job: JobStatus[Any]) -> str:
    """Return the JSON document of a job."""
    members = {"id": quote(job.id), "status": quote(job.status.value)}
    if job.progress is not None:
        members["progress"] = number_to_string(job.progress)
    if job.estimated_completion is not None:
        members["estimatedCompletion"] = quote(to_iso_string(job.estimated_completion))
    if job.error is not None:
        members["error"] = quote(job.error)
    return "{" + ",".join(f'"{key}":{value}' for key, value in members.items()) + "}"


def quote(text: str) -> str:
    """Apply QuoteJSONString."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        f"\\u{ord(unit):04x}" if "\ud800" <= unit <= "\udfff" else unit for unit in quoted
    )


def number_to_string(number: float) -> str:
    """Apply Number::toString to a number from 0 to 100."""
    if number == 0:
        return "0"
    _, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    s, k = "".join(map(str, digits)), len(digits)
    n = k + exponent
    if k <= n:  # n is at most 21
        return s + "0" * (n - k)
    if n > 0:
        return f"{s[:n]}.{s[n:]}"
    if n > -6:
        return f"0.{'0' * -n}{s}"
    return f"{s[0]}{'.' * (k > 1)}{s[1:]}e-{1 - n}"


def to_iso_string(moment: datetime) -> str:
    """Apply Date.prototype.toISOString to a datetime in UTC."""
    assert moment.microsecond % 1000 == 0
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
