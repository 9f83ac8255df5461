"""The findings of an audit, their codes and severities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired, TypeAlias, final

import attrs
from typing_extensions import TypedDict

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire import Payload

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

Severity: TypeAlias = Literal["error", "warning", "note"]
"""An error breaks the lifecycle. A warning may concern correct data. A note is legal, but unusual.
"""

FindingCode: TypeAlias = Literal[
    "illegal_move",
    "outcome_left",
    "outcome_replaced",
    "changed_after_outcome",
    "progress_fell",
    "failed_without_error",
    "error_without_failure",
    "completed_below_100",
]
"""The stable names of the rules that a history can break."""

SEVERITIES: Final[Mapping[FindingCode, Severity]] = MappingProxyType(
    {
        "illegal_move": "error",
        "outcome_left": "error",
        "outcome_replaced": "error",
        "changed_after_outcome": "error",
        "progress_fell": "warning",  # real producers correct their progress
        "failed_without_error": "note",
        "error_without_failure": "note",
        "completed_below_100": "note",
    }
)
"""The severity of each code."""


class FindingPayload(TypedDict):
    """A `Finding` as JSON. An absent line or an absent previous snapshot has no key."""

    severity: Severity
    code: FindingCode
    jobId: str
    message: str
    index: int
    line: NotRequired[int]
    before: NotRequired[Payload]
    after: Payload


@final
@attrs.frozen
class Finding:
    """A broken rule in the history of one job.

    pydantic and FastAPI write it as `to_payload` does. `job_id` and `severity` are properties, so
    `attrs.asdict` leaves them out.

    Attributes:
        code: The stable name of the rule.
        message: A text for people; it names the field, the expected value and the actual value.
        index: The position of `after` among all snapshots, counted from 0.
        line: The line number of `after` in its file, counted from 1; None if not given.
        before: The previous snapshot of the job; None if `after` is the first.
        after: The snapshot that breaks the rule.

    Example:
        >>> from jobstatus.history import check_history
        >>> history = [JobStatus("a", "cancelled"), JobStatus("a", "queued")]
        >>> (finding,) = check_history(history)
        >>> print(finding)
        error: job 'a': status: cannot go from cancelled to queued, ... [outcome_left]
    """

    code: FindingCode
    message: str
    index: int
    line: int | None
    before: JobStatus | None
    after: JobStatus

    @property
    def job_id(self) -> str:
        """The id of the job."""
        return self.after.id

    @property
    def severity(self) -> Severity:
        """``"error"``, ``"warning"`` or ``"note"``, by the code."""
        return SEVERITIES[self.code]

    def to_payload(self) -> FindingPayload:
        """Return this finding as a dict with camelCase keys, for any JSON encoder.

        Example:
            >>> from jobstatus.history import check_history
            >>> (finding,) = check_history([JobStatus("a", "failed")])
            >>> payload = finding.to_payload()
            >>> payload["severity"], payload["code"], payload["jobId"], payload["after"]
            ('note', 'failed_without_error', 'a', {'id': 'a', 'status': 'failed'})
        """
        payload: FindingPayload = {
            "severity": self.severity,
            "code": self.code,
            "jobId": self.job_id,
            "message": self.message,
            "index": self.index,
            "after": self.after.to_payload(),
        }
        if self.line is not None:
            payload["line"] = self.line
        if self.before is not None:
            payload["before"] = self.before.to_payload()
        return payload

    # pydantic calls this method. The import is inside it, because pydantic is optional.
    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        from jobstatus._pydantic import finding_schema

        return finding_schema(handler)

    def __str__(self) -> str:
        return f"{self.severity}: job {excerpt(self.job_id)}: {self.message} [{self.code}]"
