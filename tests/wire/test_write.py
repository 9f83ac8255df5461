"""Both writers, msgspec and the standard library, write exactly like JSON.stringify."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nextafter
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given

from jobstatus import JobStatus
from jobstatus._wire import _msgspec, _write
from jobstatus.strategies import job_statuses
from tests.support.ecmascript import number_to_string, quote, stringify, to_iso_string

WRITERS = {"json": _write, "msgspec": _msgspec}
LONG = 200
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> Any:
    """Return each module that writes."""
    name: str = request.param
    return WRITERS[name]


def progress_of(writer: ModuleType, number: float) -> str:
    """Return the text that a writer produces for a progress."""
    written: str = writer.write(JobStatus("a", "queued", progress=number))
    assert written.startswith('{"id":"a","status":"queued","progress":')
    return written.partition('"progress":')[2].removesuffix("}")


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
@given(job=job_statuses())
def test_a_job_is_written_as_ecma_262_requires(writer: Any, job: JobStatus) -> None:
    """This holds for a single document and for the items of an array."""
    text = stringify(job)
    assert writer.write(job) == text
    assert writer.write_array([job, job]) == f"[{text},{text}]".encode()


def test_every_whole_number_is_written_without_a_fraction(writer: ModuleType) -> None:
    """JavaScript writes 40 for 40.0, and so do both writers."""
    written = [progress_of(writer, float(number)) for number in range(101)]
    assert written == [str(number) for number in range(101)]


@pytest.mark.parametrize(
    "number",
    [
        *(5e-324, 1.5e-10, 1e-7, 1e-6, 1.5e-6, 1e-4, 0.1, 33.3, 99.99999999999999),
        *(nextafter(1e-6, 0), nextafter(1e-4, 0), nextafter(1e-4, 1), nextafter(1.0, 0)),
    ],
)
def test_fractions_are_written_as_in_javascript(number: float, writer: ModuleType) -> None:
    """JavaScript has an exponent only below 1e-6, but Python's repr has one below 1e-4."""
    assert progress_of(writer, number) == number_to_string(number)


@pytest.mark.parametrize("size", [1, 63, 64, 65, LONG])
@pytest.mark.parametrize("character", ["a", "\t", '"', "\\", "\x1f", "\x7f", "\u00e9", "\ud800"])
def test_texts_of_any_length_are_escaped_as_json_stringify_escapes_them(
    character: str, size: int, writer: ModuleType
) -> None:
    """Short and long texts may be escaped by different code."""
    text = "a" * (size - 1) + character
    written = writer.write(JobStatus(text, "failed", error=text))
    assert written == f'{{"id":{quote(text)},"status":"failed","error":{quote(text)}}}'


def test_dates_are_written_like_to_iso_string(writer: ModuleType) -> None:
    """Check each day of a year, each minute of a day, and the first and last years."""
    moments = [
        *(NEW_YEAR + timedelta(days=days) for days in range(365)),
        *(NEW_YEAR + timedelta(minutes=minute) for minute in range(1440)),
        *(NEW_YEAR.replace(second=second, microsecond=second * 1000) for second in range(60)),
        *(NEW_YEAR.replace(microsecond=thousandth * 1000) for thousandth in (99, 100, 999)),
        *(datetime(year, 2, 28, tzinfo=UTC) for year in (1, 99, 100, 999, 1000, 1999, 9999)),
    ]
    for moment in moments:
        written = writer.write(JobStatus("a", "queued", estimated_completion=moment))
        expected = to_iso_string(moment)
        assert written == f'{{"id":"a","status":"queued","estimatedCompletion":"{expected}"}}'


def test_an_empty_array_is_two_brackets(writer: ModuleType) -> None:
    """There is no comma and no space between them."""
    assert writer.write_array([]) == b"[]"


def test_an_array_with_a_lone_surrogate_is_written(writer: ModuleType) -> None:
    """No job is lost, even if the jobs come from an iterator that can be read only once."""
    jobs = (JobStatus(name, "queued") for name in ("a", "\ud800", "\u00e9"))
    items = (f'{{"id":{text},"status":"queued"}}' for text in ('"a"', r'"\ud800"', '"\u00e9"'))
    assert writer.write_array(jobs) == f"[{','.join(items)}]".encode()


@pytest.mark.parametrize("value", [None, "a", {"id": "a", "status": "queued"}, JobStatus])
def test_an_array_with_anything_but_jobs_raises_type_error(
    value: object, writer: ModuleType
) -> None:
    """The message quotes the value."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        writer.write_array([JobStatus("a", "queued"), value])


@pytest.mark.parametrize("number", [1e-4, 0.5, 99.5])
def test_the_standard_writer_uses_repr_for_most_fractions(
    monkeypatch: pytest.MonkeyPatch, number: float
) -> None:
    """Calling repr is faster than formatting the digits."""
    monkeypatch.delattr(_write, "format_fraction")
    assert progress_of(_write, number) == number_to_string(number)


def test_the_standard_writer_does_not_search_ascii_for_surrogates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Most documents are ASCII, so skipping the search saves time."""
    monkeypatch.delattr(_write, "escape_surrogates")
    assert _write.write(JobStatus("a", "queued")) == '{"id":"a","status":"queued"}'
