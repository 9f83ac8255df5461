"""A date that the library reads is the same instant in V8, in every time zone."""

from __future__ import annotations

import pytest
from hypothesis import given

from jobstatus import InvalidValueError
from jobstatus.dates import format_date, parse_date
from tests.node import deviations
from tests.node.cases import times
from tests.node.near_dates import near_dates
from tests.node.peer import Peer, milliseconds

EDGES = """
2026 2026-11 2026-11-23 2026T14:40Z 2026-11T14:40Z 2026-11-23T14:40Z 2026-11-23T14:40:05Z
2026-11-23T14:40:00.1Z 2026-11-23T14:40:00.12Z 2026-11-23T14:40:00.999999999Z
2026-11-23T24:00Z 2026-11-23T24:00:00.000000000Z 2026-11-23T24:00:00.0001Z 2026-11-23T24:00:01Z
2026-11-23T24:00:00.000000001Z 2026-11-23T24:01Z 2026-11-23T25:00Z 2026-11-23T23:60Z
2026-11-23T23:59:60Z 2026-12-31T24:00Z 9999-12-31T24:00Z 9999-12-31T24:00+00:01
9999-12-31T23:59:59.999Z 9999-12-31T23:59-00:01 0001-01-01 0001-01-01T00:00+00:01
0001-01-01T00:00-00:01 0000-12-31T23:59-00:01 0000-01-01 -000001-01-01T00:00Z
-000000-01-01T00:00Z -000000 +000000 +000001 +002026 -002026 +009999-12-31 +010000
+010000-01-01T00:00+00:01 +275760-09-13T00:00Z +275760-09-13T00:00:00.001Z -271821-04-20T00:00Z
2000-02-29 1900-02-29 2100-02-29T00:00Z 2023-02-29 2024-02-29 2024-02-30 2026-04-31 2026-11-31
0001-13 0001-13-01 0031-00-12 2026-00 2026-13 2026-11-00 2026-11-32
2026-1-1 2026-111 202611 20261123 20261123T144000Z
2026-W48 2026-W48-1 2026-327 2026-11-23T14:40 2026-11-23T14:40:00 2026-11-23T14:40:00.123
2026-11-23T14Z 2026-11-23T14 2026-11-23T1440Z 2026-11-23T14:40:00.Z 2026-11-23T14:40:00,5Z
2026-11-23T14:40:00.0000000001Z 2026-11-23t14:40Z 2026-11-23T14:40z 2026-11-23Z 2026-11Z 2026Z
2026-11-23T14:40+01:00 2026-11-23T14:40-00:00 2026-11-23T14:40+23:59 2026-11-23T14:40-23:59
2026-11-23T14:40+24:00 2026-11-23T14:40+01:60 2026-11-23T14:40+0100 2026-11-23T14:40+01
2026-11-23T14:40+1:00 2026-11-23T14:40+01:00:00 2026-11-23T14:40ZZ 2026-11-23T14:40EST
2026-03-08T02:30 1883-11-18 1883-11-18T12:03:58Z 1969-12-31T23:59:59.999Z 1970-01-01
0 1 12 70 99 1e3 NaN Infinity now 1795435200000 -1795435200000 11/23/2026 23.11.2026
""".split()  # noqa: SIM905 - a list of a hundred lines would hide the forms
SPACED = (
    "",
    " ",
    "2026-11-23 14:40Z",
    " 2026-11-23",
    "2026-11-23 ",
    "2026-11-23T14:40Z\n",
    "2026-11-23T14:40Z\0",
    "2026-11-23T14:40 Z",
    "2026-11-23T14:40:00 +01:00",
    "Mon, 23 Nov 2026 14:40:00 GMT",
    "Mon, 23 Nov 2026 14:40:00 +0100",
    "Mon Nov 23 2026 14:40:00 GMT+0100 (CET)",
    "Nov 23 2026",
    "23 November 2026 2:40 pm UTC",
    "2026-11-23T14:40Z (comment)",
    "\N{ARABIC-INDIC DIGIT TWO}026",
    "2026\N{MINUS SIGN}11\N{MINUS SIGN}23",
    "2026-11-23T14:40:00.\N{FULLWIDTH DIGIT ONE}Z",
    "\ufeff2026-11-23",
    "\ud800",
)


def check(peer: Peer, new_york: Peer, text: str) -> None:
    """Check that the library reads a string like both peers, except for the deviations."""
    utc = peer.date(text)
    applicable = set[str]() if utc is None else deviations.of_date(text, utc)
    try:
        moment = parse_date(text)
    except InvalidValueError:
        assert utc is None or applicable, "rejected without a deviation"
        return
    assert milliseconds(moment) == utc == new_york.date(text)
    assert not applicable


@times(2)
@given(text=near_dates())
def test_any_date_string_is_one_instant_in_every_zone_or_rejected(
    peer: Peer, new_york: Peer, text: str
) -> None:
    """V8 may accept a rejected string only if that deviation is documented."""
    check(peer, new_york, text)


@pytest.mark.parametrize("text", [*EDGES, *SPACED], ids=ascii)
def test_an_edge_case_is_one_instant_in_every_zone_or_rejected(
    peer: Peer, new_york: Peer, text: str
) -> None:
    """The cases are at the edges of the format, or in other formats."""
    check(peer, new_york, text)


def test_the_two_peers_are_in_different_zones(peer: Peer, new_york: Peer) -> None:
    """New York is five hours behind UTC in winter, and four in summer."""
    for text, hours in {"2026-11-23T12:00": 5, "2026-07-23T12:00": 4}.items():
        utc, york = peer.date(text), new_york.date(text)
        assert utc is not None
        assert york == utc + hours * 3_600_000


def test_v8_and_the_library_read_every_year_month_and_offset_the_same(
    peer: Peer, new_york: Peer
) -> None:
    """The dates cover each month, each end of February and each offset."""
    for year in range(1, 10_000):
        check(peer, new_york, f"{year:04}-{year % 12 + 1:02}")
        check(peer, new_york, f"+{year:06}-02-{28 + year % 4}T23:59:59.999+14:00")
    for minutes in range(1_500):
        for sign in "+-":
            offset = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
            check(peer, new_york, f"2026-11-23T14:40:00.123{offset}")


def test_v8_and_the_library_truncate_fractions_the_same(peer: Peer, new_york: Peer) -> None:
    """Fractions are truncated to milliseconds, before and after 1970."""
    for fraction in range(1_000):
        for year in ("1969", "2026"):
            for rest in ("", "9", "999999"):
                text = f"{year}-12-31T23:59:59.{fraction:03}{rest}Z"
                check(peer, new_york, text)
                assert format_date(parse_date(text)) == f"{year}-12-31T23:59:59.{fraction:03}Z"
