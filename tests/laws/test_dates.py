"""Laws of the functions for dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import InvalidValueError
from jobstatus.dates import format_date, normalize_date, parse_date, parse_iso8601_date
from tests.support.values import moments

near_dates = st.text("0123456789-+:.TZtzW, ", max_size=32) | st.from_regex(
    r"[0-9]{4}-[01][0-9](-[0-3][0-9](T[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
    r"(Z|[+-][01][0-9]:?[0-5][0-9])?)?)?",
    fullmatch=True,
)


@given(moments)
def test_every_date_survives_its_string(moment: datetime) -> None:
    """Both readers read a formatted date as the same instant, in whole milliseconds."""
    text = format_date(moment)
    assert parse_date(text) == parse_iso8601_date(text) == normalize_date(moment)


@given(moments)
def test_normalising_drops_less_than_a_millisecond(moment: datetime) -> None:
    """Digits are dropped, not rounded, and a second normalisation changes nothing."""
    normal = normalize_date(moment)
    assert timedelta() <= moment - normal < timedelta(milliseconds=1)
    assert normalize_date(normal) == normal
    assert normal.tzinfo is UTC


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))  # noqa: DTZ001 - st.datetimes has naive bounds
def test_an_offset_changes_the_string_and_not_the_instant(moment: datetime, minutes: int) -> None:
    """A local time with its offset is the same instant as the time in UTC."""
    normal = normalize_date(moment.replace(tzinfo=UTC))
    local = (normal + timedelta(minutes=minutes)).isoformat()[:-6]
    hours, rest = divmod(abs(minutes), 60)
    text = f"{local}{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    assert parse_date(text) == normal


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
@given(near_dates | st.text())
def test_any_string_is_a_date_or_raises_invalid_value_error(
    parse: Callable[[Any], datetime], text: str
) -> None:
    """A parsed date is always normalised."""
    try:
        moment = parse(text)
    except InvalidValueError:
        return
    assert moment == normalize_date(moment)
