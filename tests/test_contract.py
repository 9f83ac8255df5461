"""The contract for the other side says what the codec does."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from jobstatus import RETRYING, STANDARD, InvalidValueError, JobState, Lifecycle
from jobstatus._fields import FIELDS, OPTIONAL
from jobstatus.cli import app
from jobstatus.contract import json_schema, openapi_component, typescript
from jobstatus.dates import format_date, parse_date
from jobstatus.strategies import (
    InvalidPayload,
    JsonDocument,
    dates,
    invalid_payloads,
    json_documents,
)
from tests.schema import SCHEMA, date_only, is_unsayable, is_valid

CONTRACT = Path(__file__).parent.parent / "contract"


def test_the_schema_belongs_to_its_meta_schema() -> None:
    """Which is that of 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_the_component_is_the_schema() -> None:
    """Without the dialect, which is OpenAPI's own."""
    assert json_schema() == {"$schema": SCHEMA["$schema"], **openapi_component()}


def test_the_schema_has_the_fields_of_the_codec() -> None:
    """In the interface's order, and those required that may not be absent."""
    assert [*SCHEMA["properties"]] == [field.key for field in FIELDS]
    assert SCHEMA["required"] == [field.key for field in FIELDS if field not in OPTIONAL]
    assert SCHEMA["properties"]["status"]["enum"] == [*JobState]


def test_each_schema_is_the_callers_own() -> None:
    """What is done to one is not seen in the next."""
    spoilt = cast("dict[str, Any]", json_schema())
    spoilt["properties"]["status"]["enum"].clear()
    spoilt["properties"].clear()
    assert json_schema() == SCHEMA


@given(json_documents())
def test_the_schema_accepts_every_document_of_the_kit(document: JsonDocument) -> None:
    """However it is spelled."""
    assert is_valid(json.loads(document.data))


@given(invalid_payloads())
def test_the_schema_refuses_every_invalid_payload_of_the_kit(invalid: InvalidPayload) -> None:
    """But for what it says that it cannot say."""
    assert not is_valid(invalid.payload) or is_unsayable(invalid.payload, invalid.problems)


@given(dates())
def test_the_pattern_has_every_date_that_is_written(moment: datetime) -> None:
    """Of the years 1 to 9999."""
    assert is_valid(date_only(format_date(moment)))


@pytest.mark.parametrize("year", ["0000", "0001", "1900", "2000", "2023", "2024", "2100", "9999"])
def test_the_pattern_has_the_days_that_exist(year: str) -> None:
    """Of 29 February, that of leap years."""
    for month in range(14):
        for day in range(33):
            text = f"{year}-{month:02}-{day:02}"
            assert is_valid(date_only(text)) == is_read(text)


@pytest.mark.parametrize(
    "clock", ["{:02}:00", "00:{:02}", "23:59:{:02}", "24:{:02}", "24:00:{:02}"]
)
def test_the_pattern_has_the_times_that_exist(clock: str) -> None:
    """And 24:00, and offsets below a day."""
    for number in range(100):
        for end in ("Z", ".0Z", ".001Z", "", "z"):
            text = f"2026-11-23T{clock.format(number)}{end}"
            assert is_valid(date_only(text)) == is_read(text)
        for sign in "+-":
            for offset in (f"{number:02}:00", f"00:{number:02}", f"{number:02}00"):
                text = f"2026-11-23T14:40{sign}{offset}"
                assert is_valid(date_only(text)) == is_read(text)


def is_read(text: str) -> bool:
    """Tell whether the library reads a date."""
    try:
        parse_date(text)
    except InvalidValueError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00+00:01",
        "0001T00:00+00:01",
        "+000001-01T23:58+23:59",
        "9999-12-31T24:00Z",
        "9999-12-31T23:59-00:01",
        "2026-11-23T14:40Z\n",
    ],
)
def test_what_the_schema_cannot_say(text: str) -> None:
    """It accepts these dates, and the library does not read them; tests/schema.py has the rule."""
    assert is_valid(date_only(text))
    with pytest.raises(InvalidValueError) as refused:
        parse_date(text)
    problem = ("/estimatedCompletion", refused.value.code)
    assert is_unsayable(date_only(text), [problem])
    assert not is_unsayable(date_only(text), [problem, ("/id", "missing")])


@pytest.mark.parametrize(
    "text", ["0001-01-01T12:00+00:01", "9999-12-31T00:00-00:01", "0001T23:59+23:58", "2026T24:00Z"]
)
def test_what_the_schema_can_say_is_not_excused(text: str) -> None:
    """Near the ends of time, and read."""
    assert is_read(text)
    assert not is_unsayable(date_only(text), [("/estimatedCompletion", "out_of_range")])


def test_the_pattern_is_portable() -> None:
    """No lookaround, no reference, no class but ranges: what every engine for `pattern` has."""
    pattern = SCHEMA["properties"]["estimatedCompletion"]["pattern"]
    assert not re.search(r"\(\?[^:]|\\[^.+]", pattern)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("schema", "JobStatus.schema.json"),
        ("openapi", "JobStatus.openapi.json"),
        ("typescript", "JobStatus.ts"),
    ],
)
def test_the_files_are_what_the_commands_print(command: str, file: str) -> None:
    """Generated again, nothing differs."""
    done = CliRunner().invoke(app, [command])
    assert done.exit_code == 0
    assert done.stdout_bytes == (CONTRACT / file).read_bytes()


def test_the_folder_holds_nothing_else() -> None:
    """No file is left behind."""
    assert len([*CONTRACT.iterdir()]) == 3


@pytest.mark.parametrize(("name", "lifecycle"), [("standard", STANDARD), ("retrying", RETRYING)])
def test_the_commands_print_either_lifecycle(name: str, lifecycle: Lifecycle) -> None:
    """As a diagram, and in TypeScript."""

    def printed(command: str) -> str:
        return CliRunner().invoke(app, [command, "--lifecycle", name]).stdout

    assert printed("lifecycle") == lifecycle.to_mermaid()
    assert printed("typescript") == typescript(lifecycle=lifecycle)


def test_the_diagram_is_the_standard_one_if_not_told() -> None:
    """As everywhere."""
    assert CliRunner().invoke(app, ["lifecycle"]).stdout == STANDARD.to_mermaid()
