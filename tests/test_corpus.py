"""What the fuzzer found of interest, each case by the oracle that judged it."""

from __future__ import annotations

import json
from datetime import datetime
from unittest.mock import patch

import pytest

from jobstatus import _documents, _fast, _foreign, _json, _payload, codec
from tests.oracle import Case, Outcome, corpus

CASES = corpus()


@pytest.mark.parametrize(
    ("case", "came"),
    CASES,
    ids=[f"{number}-{case.surface}" for number, (case, _) in enumerate(CASES)],
)
def test_a_case_is_read_as_ever(case: Case, came: list[Outcome]) -> None:
    """The oracle has nothing against it, and the same comes of it."""
    assert case.check() == came


def test_an_input_stands_for_each_case() -> None:
    """So that the fuzzer starts from all of them."""
    assert [Case.from_input(case.to_input()) for case, _ in CASES] == [case for case, _ in CASES]


def lenient_date(text: str) -> datetime:
    """Read a second 60, and what else ISO 8601 has."""
    return datetime.fromisoformat(text.replace(":60", ":59"))


def never(*_: object) -> bool:
    """Be false."""
    return False


def fails(case: Case) -> bool:
    """Tell whether the oracle has something against a case."""
    try:
        case.check()
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (_fast, "_parse_date", lenient_date),
        (_fast, "parse_text", str),
        (_fast, "is_deep", never),
        (_fast, "format_fraction", repr),
        (_json, "_DECODER", json.JSONDecoder()),
        (_json, "is_deep", never),
        (_payload, "_escape", str),
        (_foreign, "_LONGEST", 300),
        (codec, "_is_blank", never),
        (_documents, "_is_json", never),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_oracle_finds_a_fault(module: object, name: str, fault: object) -> None:
    """Of each of these the corpus has a case that tells."""
    with patch.object(module, name, fault):
        assert any(map(fails, [case for case, _ in CASES]))
