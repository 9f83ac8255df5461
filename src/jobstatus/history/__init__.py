"""Check the history of a job, and find the latest of its snapshots.

Snapshots of a job may arrive late, twice or out of order, and a producer may overwrite an outcome.
A single snapshot does not show this, but two snapshots do.

`check_history` takes snapshots in order of arrival, and reports each one that cannot follow the one
before. `merge` takes snapshots in any order, and returns the latest.
"""

from jobstatus.history._audit import Audit, check_history
from jobstatus.history._findings import SEVERITIES, Finding, FindingCode, FindingPayload, Severity
from jobstatus.history._merge import merge

__all__ = [
    "SEVERITIES",
    "Audit",
    "Finding",
    "FindingCode",
    "FindingPayload",
    "Severity",
    "check_history",
    "merge",
]
