"""The library reads the files that Node wrote, and writes the same bytes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from jobstatus import Codec

V1 = Path(__file__).parent / "golden" / "v1"
ARRAY, LINES = V1 / "array.json", V1 / "lines.ndjson"
PAYLOADS = sorted(path for path in V1.glob("*.json") if path != ARRAY)
CODEC = Codec(unknown_keys="reject")


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_survives_a_round_trip(path: Path) -> None:
    """Its fields equal those that json and datetime read."""
    data = path.read_bytes()
    job = CODEC.decode(data)
    payload = json.loads(data)
    date = payload.get("estimatedCompletion")
    assert job.id == payload["id"]
    assert job.status == payload["status"]
    assert job.progress == payload.get("progress")
    assert job.estimated_completion == (date and datetime.fromisoformat(date))
    assert job.error == payload.get("error")
    assert CODEC.encode(job) == data


def test_the_array_contains_the_same_payloads() -> None:
    """It survives a round trip byte for byte."""
    data = ARRAY.read_bytes()
    jobs = CODEC.decode_array(data)
    assert CODEC.encode_array(jobs) == data
    assert {CODEC.encode(job) for job in jobs} == {path.read_bytes() for path in PAYLOADS}


def test_the_lines_contain_the_same_payloads() -> None:
    """They survive a round trip byte for byte."""
    data = LINES.read_bytes()
    jobs = list(CODEC.decode_lines(data.splitlines(keepends=True)))
    assert b"".join(CODEC.encode_lines(jobs)) == data
    assert jobs == CODEC.decode_array(ARRAY.read_bytes())


def test_there_are_235_payloads() -> None:
    """So no file can go unnoticed."""
    assert len(PAYLOADS) == 235
