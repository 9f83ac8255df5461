"""Fair timing: CPU time of short turns in random order, with ratios within each round."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, Final, TypeAlias

Loop: TypeAlias = Callable[[list[Any]], object]
"""A function that does its work for each of the given values."""

Figure: TypeAlias = tuple[float, float]
"""A median, and the median of the ratios to the base."""

_CHANCE: Final = random.Random(7)  # noqa: S311 - the same orders in each run


@dataclass
class Entry:
    """A loop that takes part in a row, its values, and the CPU seconds of each of its turns."""

    loop: Loop
    values: list[Any]
    prepare: Callable[[], None]
    times: list[float] = field(default_factory=list[float])
    _size: int = 1
    _start: int = 0

    def calibrate(self, seconds: float) -> None:
        """Choose how many values a turn takes."""
        while (took := self._turn() * self._size) < seconds / 4:
            self._size *= 4
        self._size = max(1, round(self._size * seconds / took))

    def take_turn(self) -> None:
        """Process the next values, and record the CPU seconds per value."""
        self.times.append(self._turn())

    def _turn(self) -> float:
        self.prepare()
        batch = [*islice(cycle(self.values), self._start, self._start + self._size)]
        self._start = (self._start + self._size) % len(self.values)
        began = time.process_time()
        self.loop(batch)
        return (time.process_time() - began) / self._size


def each(call: Callable[[Any], object]) -> Loop:
    """Return a loop that calls a function with each value."""

    def loop(values: list[Any]) -> None:
        for value in values:
            call(value)

    return loop


def measure(entries: dict[str, Entry], base: str, rounds: int, seconds: float) -> dict[str, Figure]:
    """Return the CPU seconds per value for each entry, and the ratio to the base entry.

    The garbage collector is off until all rounds are over. A collection before each turn would
    empty the caches, which made rejections look twice as slow.
    """
    gc.collect()
    gc.disable()
    try:
        for entry in entries.values():
            entry.calibrate(seconds)
        for _ in range(rounds):
            for entry in _CHANCE.sample([*entries.values()], len(entries)):
                entry.take_turn()
    finally:
        gc.enable()
    times = {name: entry.times for name, entry in entries.items()}
    return {
        name: (statistics.median(taken), ratio(taken, times[base])) for name, taken in times.items()
    }


def ratio(times: list[float], base: list[float]) -> float:
    """Return the median of the ratios in each round."""
    return statistics.median(one / other for one, other in zip(times, base, strict=True))
