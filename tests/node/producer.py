"""Services that keep jobs in a table, each with a query layer and a driver of Node.

Run ``python -m tests.node.producer`` to print the tables of docs/producers.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from types import MappingProxyType
from typing import Any, Final, final
from urllib.parse import quote
from uuid import uuid4

from jobstatus import Codec, DecodeError
from tests.support.databases import MARIADB, POSTGRESQL
from tests.support.service import Answer, Service
from tests.support.workers import answers

FOLDER: Final = Path(__file__).with_name("producers")
# The port of the server that a producer needs, on this machine.
PRODUCERS: Final[Mapping[str, int | None]] = MappingProxyType(
    {
        "knex, better-sqlite3": None,
        "knex, node-postgres": 5432,
        "knex, mysql2": 3306,
        "Drizzle, better-sqlite3": None,
        "Drizzle, node-postgres": 5432,
    }
)
# The codecs in the order in which a user would try them.
READERS: Final[Mapping[str, Codec]] = MappingProxyType(
    {
        "the default": Codec(),
        '`null="absent"`': Codec(null="absent"),
        '`ids="number"`': Codec(ids="number"),
        '`numbers="text"`': Codec(numbers="text"),
        '`dates="any"`': Codec(dates="any"),
        '`dates="milliseconds"`': Codec(dates="milliseconds"),
        '`states={"canceled": "cancelled"}`': Codec(states={"canceled": "cancelled"}),
    }
)
MOMENT: Final = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
_NOW: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ])[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?")


@final
class Producer:
    """A client of a running service.

    Attributes:
        kinds: The kinds of columns that it has.
        address: The address of its database, as tests/support/databases.py names it.
    """

    def __init__(self, port: int, kinds: list[str], address: str) -> None:
        self.kinds, self.address = kinds, address
        self._service = Service(port)

    def ask(self, method: str, *path: str) -> Answer:
        """Send a request and return the response."""
        return self._service.ask(method, "/" + "/".join(quote(part, safe="") for part in path))

    def get(self, *path: str) -> bytes:
        """Return the body of a successful response."""
        answer = self.ask("GET", *path)
        assert answer.status == 200, answer
        return answer.body

    def post(self, *path: str) -> Any:
        """Return the parsed body of a successful response."""
        answer = self.ask("POST", *path)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def close(self) -> None:
        """Close the connection."""
        self._service.close()


def is_reachable(port: int | None) -> bool:
    """Return whether a server on this machine accepts connections."""
    return port is None or answers(port)


def compile_service(tsc: Path) -> None:
    """Compile the service beside its node_modules, where Node looks for them."""
    command = ["node", str(tsc), "--project", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running(name: str, zone: str = "UTC") -> Generator[Producer]:
    """Start a service in a time zone, with a database of its own, and stop it."""
    database = f"jobstatus_test_{uuid4().hex}"
    command = ["node", str(FOLDER / "out" / "producer.js"), name, database]
    with subprocess.Popen(
        command, env=os.environ | {"TZ": zone}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        about = json.loads(process.stdout.readline())
        producer = Producer(about["port"], about["kinds"], _address(name, database))
        try:
            yield producer
        finally:
            producer.close()
            process.stdin.close()  # the service drops its database, and ends
    assert process.returncode == 0


def _address(name: str, database: str) -> str:
    if "sqlite3" in name:
        return str(Path(gettempdir()) / f"{database}.sqlite")
    return f"{MARIADB if 'mysql2' in name else POSTGRESQL}/{database}"


def table(producer: Producer) -> str:
    """Return a Markdown table: for each kind of column, its JSON and the option that reads it."""
    rows = [f"| `{kind}` | {' | '.join(_row(producer, kind))} |" for kind in producer.kinds]
    return "\n".join(["| column | JSON | option |", "|---|---|---|", *rows]) + "\n"


def _row(producer: Producer, kind: str) -> tuple[str, str]:
    status, _, body, _ = producer.ask("GET", "kinds", kind)
    if status == 500:
        return f"`{body.decode()}`", "none"
    payload: dict[str, Any] = json.loads(body)
    key = _member(payload, kind)
    arrives = json.dumps({key: payload[key]}).strip("{}")
    if "now" in kind or "CURRENT" in kind:
        arrives = _NOW.sub(
            lambda now: f"YYYY-MM-DD{now[1]}hh:mm:ss{'.sss' if now[2] else ''}", arrives
        )
    readers = (name for name, codec in READERS.items() if _reads(codec, body, key))
    return f"`{arrives}`", next(readers, "none")


def _member(payload: Mapping[str, object], kind: str) -> str:
    others = [key for key in payload if key not in {"id", "status"}]
    return others[0] if others else "status" if "canceled" in kind else "id"


def _reads(codec: Codec, body: bytes, key: str) -> bool:
    """Return whether a codec reads a row with the value that was stored."""
    try:
        job = codec.decode(body)
    except DecodeError:
        return False
    match key:
        case "progress":
            return job.progress in {33, 33.3}
        case "estimatedCompletion":
            return _is_stored(job.estimated_completion)
        case _:
            return True


def _is_stored(moment: datetime | None) -> bool:
    """Return whether a date is the stored one, or the time of the insertion."""
    if moment is None:
        return False
    is_recent = abs(datetime.now(UTC) - moment) < timedelta(hours=1)
    return is_recent or moment in {MOMENT, MOMENT.replace(microsecond=0)}


def main() -> None:
    """Print the tables of docs/producers.md."""
    compile_service(Path(__file__).with_name("node_modules") / "typescript" / "bin" / "tsc")
    for name in PRODUCERS:
        with running(name) as producer:
            sys.stdout.write(f"### {name}\n\n{table(producer)}\n")


if __name__ == "__main__":
    main()
