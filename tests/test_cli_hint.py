"""`jobstatus check` names the options with which rejected payloads are valid."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from typer.testing import CliRunner

from jobstatus import Codec, DecodeError
from jobstatus.cli import app
from jobstatus.cli._hint import Hint

HINT = "hint:     "
ROW = {"id": 42, "status": "queued", "progress": None, "error": None}


def check(*arguments: str, payloads: list[Any]) -> str:
    """Return the output of `jobstatus check` for these payloads."""
    lines = "\n".join(map(json.dumps, payloads))
    return CliRunner().invoke(app, ["check", *arguments, "-"], input=lines).stdout


def hint(*arguments: str, payloads: list[Any]) -> str:
    """Return the hint, without its prefix; empty if there is none."""
    last = check(*arguments, payloads=payloads).splitlines()[-1]
    return last.removeprefix(HINT) if last.startswith(HINT) else ""


def test_the_hint_names_the_options_for_the_rows_of_a_table() -> None:
    """It is the last line."""
    output = check(payloads=[ROW] * 10)
    assert output.endswith(
        "hint:     10 of 10 invalid payloads are valid with --null absent --ids number\n"
    )


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({"error": None}, "--null absent"),
        ({"id": 42}, "--ids number"),
        ({"progress": "33.30"}, "--numbers text"),
        ({"estimatedCompletion": "20261123T00Z"}, "--dates any"),
        ({"estimatedCompletion": 1763908800123}, "--dates milliseconds"),
        ({"status": "canceled"}, "--state canceled=cancelled"),
        ({"status": " Queued"}, "--state ' Queued=queued'"),
    ],
)
def test_the_hint_names_the_option_for_one_deviation(change: Any, flags: str) -> None:
    """With these flags, the command has nothing to report."""
    payload = {"id": "a", "status": "queued"} | change
    assert hint(payloads=[payload]) == f"1 of 1 invalid payload is valid with {flags}"
    assert "1 valid, 0 invalid" in check(*shlex.split(flags), payloads=[payload])


@pytest.mark.parametrize(
    ("arguments", "change", "flags"),
    [
        (["--unknown-keys", "reject"], {"x": 1}, "--unknown-keys ignore"),
        (["--dates", "iso8601"], {"estimatedCompletion": "2026"}, "--dates any"),
        (["--state", "x=failed"], {"status": "failing"}, ""),
        (["--state", "x=failed"], {"status": "Failed"}, "--state Failed=failed"),
        (["--tolerant"], ROW | {"status": "canceled"}, "--state canceled=cancelled"),
    ],
)
def test_the_hint_names_what_to_add_to_the_given_options(
    arguments: list[str], change: Any, flags: str
) -> None:
    """The given options stay set."""
    payload = {"id": "a", "status": "queued"} | change
    assert hint(*arguments, payloads=[payload]).endswith(flags)


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "a"},
        {"id": None, "status": "queued"},
        {"id": 1.5, "status": "queued"},
        {"id": "a", "status": "done"},
        {"id": "a", "status": "queued\n"},
        {"id": "a", "status": "queued", "progress": "half"},
        {"id": "a", "status": "queued", "progress": 101},
        {"id": "a", "status": "queued", "estimatedCompletion": "2026-11-23T14:40:00"},
        {"id": "a", "status": "queued", "estimatedCompletion": "soon"},
        {"id": "a", "status": "queued", "estimatedCompletion": True},
        [],
    ],
)
def test_there_is_no_hint_if_no_option_helps(payload: Any) -> None:
    """A payload counts only if it becomes valid."""
    assert hint(payloads=[payload]) == ""


def test_there_is_no_hint_for_valid_payloads_and_text_that_is_not_json() -> None:
    """Then there is nothing to name."""
    assert hint(payloads=[{"id": "a", "status": "queued"}]) == ""
    assert "hint" not in CliRunner().invoke(app, ["check", "-"], input="{").stdout


def test_seconds_are_not_taken_for_milliseconds() -> None:
    """They would be dates in 1970."""
    seconds = {"id": "a", "status": "queued", "estimatedCompletion": 1763908800}
    assert hint(payloads=[seconds]) == ""


@pytest.mark.parametrize(
    "dates", [["20261123T00Z", 1763908800123], [1763908800123, "2026-W48-1T00Z"]]
)
def test_one_value_of_an_option_serves_all_payloads(dates: list[object]) -> None:
    """The value "milliseconds" includes "any"."""
    payloads = [{"id": "a", "status": "queued", "estimatedCompletion": date} for date in dates]
    expected = "2 of 2 invalid payloads are valid with --dates milliseconds"
    assert hint(payloads=payloads) == expected


def test_the_hint_counts_only_the_payloads_that_become_valid() -> None:
    """An option that helps only beside another one is not named for itself."""
    payloads = [ROW, {"id": 42}, {"id": "a", "status": "queued", "error": None}]
    expected = "2 of 3 invalid payloads are valid with --null absent --ids number"
    assert hint(payloads=payloads) == expected


def test_the_hint_names_at_most_ten_states() -> None:
    """A file can have any number of spellings."""
    payloads = [{"id": "a", "status": " " * count + "queued"} for count in range(1, 10)]
    payloads += [{"id": "a", "status": "Queued" + " " * count} for count in range(9)]
    line = hint(payloads=payloads)
    assert line.startswith("10 of 18 invalid payloads")
    assert line.count("--state") == 10


def test_names_that_never_help_take_no_memory() -> None:
    """A hostile file can have a million of them."""
    hint = Hint(Codec())
    for number in range(50):
        row = {"id": "a", "status": f"queue{chr(0x4E00 + number)}", "estimatedCompletion": "soon"}
        with pytest.raises(DecodeError) as refused:
            Codec().from_payload(row)
        hint.add(json.dumps(row).encode(), refused.value)
    assert hint == Hint(Codec())


def test_in_json_the_hint_has_the_arguments_of_a_codec() -> None:
    """It is a part of the summary."""
    payloads = [ROW | {"status": "canceled", "estimatedCompletion": 1763908800123}]
    summary = json.loads(check("--format", "json", payloads=payloads).splitlines()[-1])["summary"]
    assert summary["hint"]["valid"] == 1
    codec = Codec(**summary["hint"]["options"])
    assert codec.from_payload(payloads[0]).id == "42"
    assert codec == Codec(
        null="absent", ids="number", dates="milliseconds", states={"canceled": "cancelled"}
    )


def test_in_json_there_is_no_key_without_a_hint() -> None:
    """Then the summary has no such member."""
    output = check("--format", "json", payloads=[{"id": "a", "status": "queued"}])
    assert "hint" not in json.loads(output.splitlines()[-1])["summary"]


def test_the_items_of_an_array_count() -> None:
    """They are payloads."""
    assert hint(payloads=[[ROW, ROW]]) == (
        "2 of 2 invalid payloads are valid with --null absent --ids number"
    )
