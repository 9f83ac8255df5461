"""The generated schemas and TypeScript files agree with the codec."""

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
from tests.support.schema import SCHEMA, date_only, is_unsayable, is_valid

CONTRACT = Path(__file__).parent.parent / "contract"


def test_the_schema_is_valid_json_schema() -> None:
    """It conforms to the meta-schema of JSON Schema 2020-12, and names that dialect."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_the_openapi_component_is_the_schema() -> None:
    """Only the `$schema` key is missing, because OpenAPI sets the dialect itself."""
    assert json_schema() == {"$schema": SCHEMA["$schema"], **openapi_component()}


def test_the_schema_has_the_fields_of_the_codec() -> None:
    """The properties are in the interface's order, and only id and status are required."""
    assert [*SCHEMA["properties"]] == [field.key for field in FIELDS]
    assert SCHEMA["required"] == [field.key for field in FIELDS if field not in OPTIONAL]
    assert SCHEMA["properties"]["status"]["enum"] == [*JobState]


def test_each_call_returns_a_new_schema() -> None:
    """Changing one schema does not change the next."""
    spoilt = cast("dict[str, Any]", json_schema())
    spoilt["properties"]["status"]["enum"].clear()
    spoilt["properties"].clear()
    assert json_schema() == SCHEMA


@given(json_documents())
def test_the_schema_accepts_every_generated_document(document: JsonDocument) -> None:
    """A valid document may spell its values in any way."""
    assert is_valid(json.loads(document.data))


@given(invalid_payloads())
def test_the_schema_rejects_every_generated_invalid_payload(invalid: InvalidPayload) -> None:
    """The only exceptions are the ones documented in tests/support/schema.py."""
    assert not is_valid(invalid.payload) or is_unsayable(invalid.payload, invalid.problems)


@given(dates())
def test_the_pattern_accepts_every_date_that_the_library_writes(moment: datetime) -> None:
    """Those are all dates of the years 1 to 9999."""
    assert is_valid(date_only(format_date(moment)))


@pytest.mark.parametrize("year", ["0000", "0001", "1900", "2000", "2023", "2024", "2100", "9999"])
def test_the_pattern_accepts_exactly_the_days_that_exist(year: str) -> None:
    """For example, it accepts 29 February in leap years only."""
    for month in range(14):
        for day in range(33):
            text = f"{year}-{month:02}-{day:02}"
            assert is_valid(date_only(text)) == is_read(text)


@pytest.mark.parametrize(
    "clock", ["{:02}:00", "00:{:02}", "23:59:{:02}", "24:{:02}", "24:00:{:02}"]
)
def test_the_pattern_accepts_exactly_the_times_that_exist(clock: str) -> None:
    """For example, it accepts 24:00, and only offsets of less than a day."""
    for number in range(100):
        for end in ("Z", ".0Z", ".001Z", "", "z"):
            text = f"2026-11-23T{clock.format(number)}{end}"
            assert is_valid(date_only(text)) == is_read(text)
        for sign in "+-":
            for offset in (f"{number:02}:00", f"00:{number:02}", f"{number:02}00"):
                text = f"2026-11-23T14:40{sign}{offset}"
                assert is_valid(date_only(text)) == is_read(text)


def is_read(text: str) -> bool:
    """Return whether the library accepts a date."""
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
def test_the_schema_accepts_a_few_dates_that_the_codec_rejects(text: str) -> None:
    """These are the documented exceptions; tests/support/schema.py has the exact rule."""
    assert is_valid(date_only(text))
    with pytest.raises(InvalidValueError) as refused:
        parse_date(text)
    problem = ("/estimatedCompletion", refused.value.code)
    assert is_unsayable(date_only(text), [problem])
    assert not is_unsayable(date_only(text), [problem, ("/id", "missing")])


@pytest.mark.parametrize(
    "text", ["0001-01-01T12:00+00:01", "9999-12-31T00:00-00:01", "0001T23:59+23:58", "2026T24:00Z"]
)
def test_valid_dates_near_the_limits_are_not_exceptions(text: str) -> None:
    """The list of exceptions must not hide a wrong result of the schema."""
    assert is_read(text)
    assert not is_unsayable(date_only(text), [("/estimatedCompletion", "out_of_range")])


def test_the_pattern_is_portable_across_regular_expression_engines() -> None:
    """It uses no lookaround, back-references or shorthand character classes."""
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
def test_the_committed_files_are_the_output_of_the_commands(command: str, file: str) -> None:
    """The files in contract/ must be regenerated after each change."""
    done = CliRunner().invoke(app, [command])
    assert done.exit_code == 0
    assert done.stdout_bytes == (CONTRACT / file).read_bytes()


def test_the_folder_has_no_other_files() -> None:
    """The folder contract/ contains only generated files."""
    assert len([*CONTRACT.iterdir()]) == 3


@pytest.mark.parametrize(("name", "lifecycle"), [("standard", STANDARD), ("retrying", RETRYING)])
def test_the_commands_print_the_chosen_lifecycle(name: str, lifecycle: Lifecycle) -> None:
    """The commands lifecycle and typescript both take --lifecycle."""

    def printed(command: str) -> str:
        return CliRunner().invoke(app, [command, "--lifecycle", name]).stdout

    assert printed("lifecycle") == lifecycle.to_mermaid()
    assert printed("typescript") == typescript(lifecycle=lifecycle)


def test_the_default_diagram_shows_the_standard_lifecycle() -> None:
    """STANDARD is the default of --lifecycle."""
    assert CliRunner().invoke(app, ["lifecycle"]).stdout == STANDARD.to_mermaid()
