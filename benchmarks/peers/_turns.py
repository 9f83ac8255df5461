"""How peers take turns: a batch of calls each, in another order in each round."""

from __future__ import annotations

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.peers._peer import Peer


@dataclass(frozen=True)
class Runner:
    """A call that is timed, and how often a batch makes it."""

    peer: Peer
    call: Callable[[Any], object]
    value: Any
    calls: int = 1

    def seconds(self, calls: int) -> float:
        """Return what so many calls take."""
        call, value = self.call, self.value
        self.peer.prepare()
        gc.collect()
        gc.disable()
        began = time.perf_counter()
        for _ in itertools.repeat(None, calls):
            call(value)
        took = time.perf_counter() - began
        gc.enable()
        return took

    def calibrated(self, seconds: float) -> Runner:
        """Return the runner whose batch takes about so long."""
        calls = 1
        while (took := self.seconds(calls)) < seconds / 4:
            calls *= 4
        calls = max(1, round(calls * seconds / took))
        return Runner(self.peer, self.call, self.value, calls)


def medians(runners: list[Runner], rounds: int) -> dict[str, float]:
    """Return the microseconds a call by peer."""
    chance = random.Random(rounds)  # noqa: S311 - the same orders in each run
    times: dict[str, list[float]] = {runner.peer.name: [] for runner in runners}
    gc.collect()
    gc.freeze()  # so that what exists is not searched again before each batch
    for _ in range(rounds):
        for runner in chance.sample(runners, len(runners)):
            times[runner.peer.name].append(runner.seconds(runner.calls) / runner.calls)
    return {name: statistics.median(taken) * 1e6 for name, taken in times.items()}
