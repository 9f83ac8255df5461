"""The library writes the same bytes as JSON.stringify."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from math import inf, nextafter

from hypothesis import given

from jobstatus import Codec, JobState
from tests.node.arguments import Arguments, batches
from tests.node.cases import times
from tests.node.peer import EPOCH, Fields, Peer
from tests.support.parsers import PARSERS, parsing_with


def check(peer: Peer, arguments: Arguments) -> None:
    """Check that each parser writes V8's bytes, and that Node's strict reader reads them."""
    job = arguments.job()
    written = peer.write(arguments).encode()
    for name in PARSERS:
        with parsing_with(name):
            assert Codec().encode(job) == written
    theirs = peer.read(written)
    assert theirs is not None
    assert theirs.fields == Fields.of(job)


@times(1 / 10)
@given(batch=batches())
def test_v8_and_the_library_write_any_job_the_same(peer: Peer, batch: list[Arguments]) -> None:
    """The fields have any legal values, before normalisation."""
    for arguments in batch:
        check(peer, arguments)


def test_v8_and_the_library_write_every_subset_of_the_fields_the_same(peer: Peer) -> None:
    """Each optional field is present or absent, in each state."""
    dates = (None, EPOCH)
    texts = (None, "", "no space left")
    for state, progress, date, error in product(JobState, (None, 0, 40.5), dates, texts):
        check(peer, Arguments("job-42", state, progress, date, error))


def numbers() -> Iterator[float]:
    """Yield numbers from 0 to 100 in every layout of a double, with their neighbours."""
    yield from (-0.0, 0.1 + 0.2, 1 / 3, 200 / 3, 29.999999999999996)
    yield from (number / 10 for number in range(1_001))
    yield from (number / 1_000 for number in range(1_001))
    powers = [10.0**power for power in range(-323, 3)] + [2.0**power for power in range(-1074, 7)]
    for power in powers:
        yield from (nextafter(power, 0), power, nextafter(power, inf))
    for digits, power in product(("12", "1234567", "98765432109876543"), range(-340, 2)):
        yield float(f"{digits}e{power - len(digits) + 1}")


def test_v8_and_the_library_write_every_layout_of_a_number_the_same(peer: Peer) -> None:
    """Subnormals, powers of 2 and 10 and their neighbours, all exponents, and -0."""
    within = [number for number in numbers() if number <= 100]
    assert len(within) > 7_000
    for number in within:
        check(peer, Arguments("a", JobState.PROCESSING, number))


def test_v8_and_the_library_write_every_year_the_same(peer: Peer) -> None:
    """The dates are the ends of each year, and of each February."""
    step = timedelta(microseconds=1)
    for year in range(1, 10_000):
        first, march = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 3, 1, tzinfo=UTC)
        last = datetime.max.replace(year, tzinfo=UTC)
        for date in (first, march - step, march, last):
            check(peer, Arguments("a", JobState.QUEUED, estimated_completion=date))


def test_v8_and_the_library_write_every_millisecond_the_same(peer: Peer) -> None:
    """The dates are before and after 1970, with digits below a millisecond."""
    for millisecond, start in product(range(1_000), (EPOCH, EPOCH - timedelta(seconds=1))):
        date = start + timedelta(milliseconds=millisecond, microseconds=999 - millisecond)
        check(peer, Arguments("a", JobState.QUEUED, estimated_completion=date))


def test_v8_and_the_library_write_every_code_point_the_same(peer: Peer) -> None:
    """All of Unicode and the lone surrogates, in blocks of 256."""
    for block in range(0, 0x110000, 256):
        text = "".join(map(chr, range(block, block + 256)))
        check(peer, Arguments(text, JobState.FAILED, error=text[::-1]))


def test_v8_and_the_library_write_surrogates_in_any_order_the_same(peer: Peer) -> None:
    """High and low surrogates are paired, swapped, alone or in rows."""
    units = ("\ud800", "\udbff", "\udc00", "\udfff", "a", "\U0001f600")
    for text in map("".join, product(units, repeat=4)):
        check(peer, Arguments(text, JobState.QUEUED, error=text[1:]))
