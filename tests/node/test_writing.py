"""What we write is what JSON.stringify writes, byte for byte."""

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


def check(peer: Peer, arguments: Arguments) -> None:
    """Compare the bytes, and have the strict reader in Node read ours."""
    job = arguments.job()
    written = Codec().encode(job)
    assert written == peer.write(arguments).encode()
    theirs = peer.read(written)
    assert theirs is not None
    assert theirs.fields == Fields.of(job)


@times(1 / 10)
@given(batch=batches())
def test_any_job_is_written_as_v8_writes_it(peer: Peer, batch: list[Arguments]) -> None:
    """Whatever the fields are made of, and V8 reads it as the same fields."""
    for arguments in batch:
        check(peer, arguments)


def test_every_subset_of_the_fields_is_written_alike(peer: Peer) -> None:
    """With a value and with none, in each state."""
    dates = (None, EPOCH)
    texts = (None, "", "no space left")
    for state, progress, date, error in product(JobState, (None, 0, 40.5), dates, texts):
        check(peer, Arguments("job-42", state, progress, date, error))


def numbers() -> Iterator[float]:
    """Every layout of a double from 0 to 100, with its neighbours."""
    yield from (-0.0, 0.1 + 0.2, 1 / 3, 200 / 3, 29.999999999999996)
    yield from (number / 10 for number in range(1_001))
    yield from (number / 1_000 for number in range(1_001))
    powers = [10.0**power for power in range(-323, 3)] + [2.0**power for power in range(-1074, 7)]
    for power in powers:
        yield from (nextafter(power, 0), power, nextafter(power, inf))
    for digits, power in product(("12", "1234567", "98765432109876543"), range(-340, 2)):
        yield float(f"{digits}e{power - len(digits) + 1}")


def test_every_layout_of_a_number_is_written_alike(peer: Peer) -> None:
    """Subnormals, powers of ten and of two and their neighbours, all exponents, -0."""
    within = [number for number in numbers() if number <= 100]
    assert len(within) > 7_000
    for number in within:
        check(peer, Arguments("a", JobState.PROCESSING, number))


def test_every_year_is_written_alike(peer: Peer) -> None:
    """Its first and last moment, and those around the end of February."""
    step = timedelta(microseconds=1)
    for year in range(1, 10_000):
        first, march = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 3, 1, tzinfo=UTC)
        last = datetime.max.replace(year, tzinfo=UTC)
        for date in (first, march - step, march, last):
            check(peer, Arguments("a", JobState.QUEUED, estimated_completion=date))


def test_every_millisecond_is_written_alike(peer: Peer) -> None:
    """Before 1970 as after, and with digits below it."""
    for millisecond, start in product(range(1_000), (EPOCH, EPOCH - timedelta(seconds=1))):
        date = start + timedelta(milliseconds=millisecond, microseconds=999 - millisecond)
        check(peer, Arguments("a", JobState.QUEUED, estimated_completion=date))


def test_every_code_point_is_written_alike(peer: Peer) -> None:
    """All of Unicode, lone surrogates too, in blocks of 256."""
    for block in range(0, 0x110000, 256):
        text = "".join(map(chr, range(block, block + 256)))
        check(peer, Arguments(text, JobState.FAILED, error=text[::-1]))


def test_every_order_of_surrogates_is_written_alike(peer: Peer) -> None:
    """High and low ones, in pairs, swapped, alone and in rows."""
    units = ("\ud800", "\udbff", "\udc00", "\udfff", "a", "\U0001f600")
    for text in map("".join, product(units, repeat=4)):
        check(peer, Arguments(text, JobState.QUEUED, error=text[1:]))
