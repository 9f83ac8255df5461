"""A Node process that reports how V8 reads and writes values."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

import attrs

from jobstatus import JobStatus
from tests.node.arguments import Arguments

SCRIPT = Path(__file__).with_name("peer.mjs")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return the ECMAScript time value of a datetime, truncated to milliseconds."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@attrs.frozen
class Fields:
    """The fields of a job, with the date in milliseconds."""

    id: str
    status: str
    progress: float | None
    estimated_completion: int | None
    error: str | None

    @classmethod
    def of(cls, job: JobStatus) -> Self:
        """Return the fields of a JobStatus."""
        date = job.estimated_completion
        time = None if date is None else milliseconds(date)
        return cls(job.id, job.status.value, job.progress, time, job.error)


@attrs.frozen
class Reading:
    """The fields that Node's strict reader returned, and the date as it was in the document."""

    fields: Fields
    written: str | float | None


class Node:
    """A long-lived ``node`` process in a time zone, with a script that answers questions.

    Attributes:
        asked: The number of questions answered.
    """

    def __init__(self, zone: str, script: Path, *arguments: str) -> None:
        self.asked = 0
        self._process = subprocess.Popen(
            ["node", str(script), *arguments],
            env=os.environ | {"TZ": zone},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.__exit__(kind, error, traceback)  # closes the pipes, which ends node

    def ask(self, kind: str, question: object) -> Any:
        """Send a question of this kind and return the answer."""
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        # In ASCII, because other line separators could end the line too early.
        pipe_in.write(json.dumps([kind, question]).encode("ascii") + b"\n")
        pipe_in.flush()
        line = pipe_out.readline()
        assert line, f"node ended with {self._process.wait()}"
        self.asked += 1
        return json.loads(line)


@final
class Peer(Node):
    """A node process that uses V8's JSON and Date, and knows the interface."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone, SCRIPT)

    def write(self, arguments: Arguments) -> str:
        """Return the JSON that JSON.stringify writes for these fields."""
        progress, date = arguments.progress, arguments.estimated_completion
        question = {
            "id": arguments.id,
            "status": arguments.status.value,
            "progress": None if progress is None else struct.pack(">d", progress).hex(),
            "estimatedCompletion": None if date is None else milliseconds(date),
            "error": arguments.error,
        }
        return str(self.ask("write", question))

    def read(self, document: bytes) -> Reading | None:
        """Return the job that the strict reader finds in a document; None if it rejects it."""
        answer = self.ask("read", b64encode(document).decode("ascii"))
        if answer is None:
            return None
        digits = answer["progress"]
        fields = Fields(
            answer["id"],
            answer["status"],
            None if digits is None else struct.unpack(">d", bytes.fromhex(digits))[0],
            answer["estimatedCompletion"],
            answer["error"],
        )
        return Reading(fields, answer["written"])

    def date(self, text: str) -> int | None:
        """Return the milliseconds that ``new Date`` reads, or None for an invalid date."""
        answer: int | None = self.ask("date", text)
        return answer
