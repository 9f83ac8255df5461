"""A Node process that answers what V8 makes of a value."""

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
    """Return the ECMAScript time value of a datetime, digits below the millisecond dropped."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@attrs.frozen
class Fields:
    """The fields of a job, its date as milliseconds."""

    id: str
    status: str
    progress: float | None
    estimated_completion: int | None
    error: str | None

    @classmethod
    def of(cls, job: JobStatus) -> Self:
        """Return the fields of a job of ours."""
        date = job.estimated_completion
        time = None if date is None else milliseconds(date)
        return cls(job.id, job.status.value, job.progress, time, job.error)


@attrs.frozen
class Reading:
    """What the strict reader in Node took from a document, and the date as it was written there."""

    fields: Fields
    written: str | float | None


class Node:
    """A long-lived ``node`` in a time zone, which runs a script that answers questions.

    Attributes:
        asked: How many questions it has answered.
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
        self._process.__exit__(kind, error, traceback)  # closes the pipes, at which node ends

    def ask(self, kind: str, question: object) -> Any:
        """Return the answer to a question of a kind."""
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        # In ASCII, so that no character of a question ends its line.
        pipe_in.write(json.dumps([kind, question]).encode("ascii") + b"\n")
        pipe_in.flush()
        line = pipe_out.readline()
        assert line, f"node ended with {self._process.wait()}"
        self.asked += 1
        return json.loads(line)


@final
class Peer(Node):
    """A node that knows of V8's JSON and Date, and of the interface."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone, SCRIPT)

    def write(self, arguments: Arguments) -> str:
        """Return what JSON.stringify writes for these fields."""
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
        """Return what the strict reader takes from a document, or None if it refuses it."""
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
        """Return the milliseconds that ``new Date`` reads, or None if it reads none."""
        answer: int | None = self.ask("date", text)
        return answer
