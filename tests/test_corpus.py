"""The cases that the fuzzer found, checked again by the same judge."""

from __future__ import annotations

import json
import re
from datetime import datetime
from unittest.mock import patch

import pytest

from jobstatus import _untrusted, _wire, dates
from jobstatus._fields import build
from jobstatus._wire import _json, _msgspec, _payload, _write
from jobstatus.streams import _items, _stream, _values
from tests.support.judge import Case, Outcome, corpus

CASES = corpus()


@pytest.mark.parametrize(
    ("case", "outcomes"),
    CASES,
    ids=[f"{number}-{case.surface}" for number, (case, _) in enumerate(CASES)],
)
def test_a_case_has_its_recorded_outcomes(case: Case, outcomes: list[Outcome]) -> None:
    """All properties of the judge are true for it."""
    assert case.check() == outcomes


def test_each_case_survives_the_round_trip_to_a_fuzzer_input() -> None:
    """So the fuzzer can start from all cases."""
    assert [Case.from_input(case.to_input()) for case, _ in CASES] == [case for case, _ in CASES]


def lenient_date(text: str) -> datetime:
    """Read a date that may have a second 60 or any form of ISO 8601."""
    return datetime.fromisoformat(text.replace(":60", ":59"))


def never(*_: object) -> bool:
    """Return False."""
    return False


def always(*_: object) -> bool:
    """Return True."""
    return True


def forgetful(
    id: object, status: object, progress: object, estimate: object, _: object, extra: object = None
) -> object:
    """Build a job without its error."""
    return build(id, status, progress, estimate, None, extra)


def fails(case: Case) -> bool:
    """Return whether the judge rejects a case."""
    try:
        case.check()
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (dates, "read_utc", lenient_date),
        (_msgspec, "read_utc", lenient_date),
        (_msgspec, "_is_readable", always),
        (_write, "format_fraction", repr),
        (_json, "_scan_short", vars(json.JSONDecoder())["scan_once"]),
        (_json, "is_deep", never),
        (_payload, "escape_token", str),
        (_payload, "build", forgetful),
        (_untrusted, "MAX_EXCERPT", 300),
        (_wire, "_is_blank", never),
        (_stream, "MALFORMED", frozenset[str]()),
        (_stream, "_RECORD_SEPARATOR", b"\0"),
        (_items, "_BRACKET_OR_STRING", re.compile(rb"[][{},]")),
        (_values, "_AFTER", dict.fromkeys("[{", "value")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_judge_finds_a_fault(module: object, name: str, fault: object) -> None:
    """For each of these faults, at least one case in the corpus fails."""
    with patch.object(module, name, fault):
        assert any(map(fails, [case for case, _ in CASES]))
