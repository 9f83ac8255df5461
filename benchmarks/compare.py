"""Compare this library with others, on the same messages and under the same contract.

Run: python -m benchmarks.compare [--quick] [--json FILE]

Each peer is first checked against the contract. Then the peers take turns in one process, in
another order in each round, a batch of calls each; the figures are medians over the rounds. The
garbage is collected before each batch, and not while it runs.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import itertools
import json
import platform
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

# So that it also runs as a file, from any folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.payloads import FINER, REFUSED, SINGLE, array, lines, typical
from benchmarks.peers import PEERS, Peer
from benchmarks.peers._check import check, finer_points
from benchmarks.peers._turns import Runner, medians
from benchmarks.report import Results, Row, show
from benchmarks.targets import TARGETS, Figures

BASE: Final = "pydantic"


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    rounds_of_lines: int
    seconds: float
    batch: int  # messages in the array, and lines at a time
    lines: int
    objects: int
    imports: int


FULL: Final = Effort(31, 30, 0.012, batch=10_000, lines=100_000, objects=10_000, imports=30)
QUICK: Final = Effort(3, 2, 0.002, batch=200, lines=400, objects=200, imports=3)

T = TypeVar("T")


def _measure(
    call: Callable[[Peer], Callable[[Any], object]],
    value: Callable[[Peer], Any],
    effort: Effort,
) -> dict[str, float]:
    """Return the microseconds a message by peer."""
    runners = [Runner(peer, call(peer), value(peer)) for peer in PEERS]
    return medians([runner.calibrated(effort.seconds) for runner in runners], effort.rounds)


def _measure_many(
    call: Callable[[Peer], Callable[[Any], object]],
    values: Callable[[Peer], list[Any]],
    effort: Effort,
    rounds: int,
) -> dict[str, float]:
    """Return the microseconds a message by peer, where each round has the next of some values."""

    def on_next(peer: Peer) -> Callable[[Iterator[Any]], object]:
        of_peer = call(peer)
        return lambda values: of_peer(next(values))

    runners = [Runner(peer, on_next(peer), itertools.cycle(values(peer))) for peer in PEERS]
    return {name: took / effort.batch for name, took in medians(runners, rounds).items()}


def _refusing(peer: Peer) -> Callable[[bytes], None]:
    def refuse(document: bytes) -> None:
        with suppress(Exception):
            peer.decode(document)

    return refuse


def _given(value: T) -> Callable[[Peer], T]:
    return lambda _: value


def _read(data: bytes) -> Callable[[Peer], Any]:
    def read(peer: Peer) -> Any:
        peer.prepare()
        return peer.decode(data)

    return read


def _read_all(
    decode: Callable[[Peer], Callable[[bytes], list[Any]]], documents: list[bytes]
) -> Callable[[Peer], list[Any]]:
    def read(peer: Peer) -> list[Any]:
        peer.prepare()
        return [decode(peer)(document) for document in documents]

    return read


def _times(effort: Effort) -> Figures:
    decode: dict[str, dict[str, float]] = {}
    encode: dict[str, dict[str, float]] = {}
    for name, data in SINGLE.items():
        decode[name] = _measure(lambda peer: peer.decode, _given(data), effort)
        encode[name] = _measure(lambda peer: peer.encode, _read(data), effort)
    many, rounds = [array(effort.batch)], effort.rounds
    decode["array"] = _measure_many(lambda peer: peer.decode_array, _given(many), effort, rounds)
    jobs = _read_all(lambda peer: peer.decode_array, many)
    encode["array"] = _measure_many(lambda peer: peer.encode_array, jobs, effort, rounds)
    many, rounds = lines(effort.lines, effort.batch), effort.rounds_of_lines
    decode["lines"] = _measure_many(lambda peer: peer.decode_lines, _given(many), effort, rounds)
    jobs = _read_all(lambda peer: peer.decode_lines, many)
    encode["lines"] = _measure_many(lambda peer: peer.encode_lines, jobs, effort, rounds)
    refuse = _measure(_refusing, _given(REFUSED), effort)
    return {"decode": decode, "encode": encode, "refuse": {"all keys wrong": refuse}}


def _bytes_an_object(peer: Peer, documents: list[bytes]) -> float:
    peer.prepare()
    peer.decode(documents[0])  # what is made once
    gc.collect()
    tracemalloc.start()
    jobs = [peer.decode(document) for document in documents]
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / len(jobs)


def _import_times(rounds: int) -> dict[str, float]:
    """Return the milliseconds that an import statement takes in a new process."""
    statements = {
        "attrs": "import attrs",
        "jobstatus": "import jobstatus",
    }
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(rounds):
        for name, statement in statements.items():
            code = f"import time; began = time.perf_counter(); {statement}"
            code += "; print(time.perf_counter() - began)"
            output = subprocess.check_output([sys.executable, "-I", "-c", code], text=True)
            times[name].append(float(output))
    return {name: statistics.median(taken) * 1e3 for name, taken in times.items()}


def _row(peer: Peer) -> Row:
    peer.prepare()
    told = 0
    try:
        peer.decode(REFUSED)
    except Exception as error:  # noqa: BLE001 - each library has its own
        told = peer.problems(error)
    return Row(
        name=peer.name,
        needs=peer.needs,
        except_for=list(peer.except_for),
        finer_points=len(finer_points(peer)),
        problems=told,
    )


def compare(effort: Effort) -> Results:
    """Check all peers, and measure them."""
    for peer in PEERS:
        check(peer)
    rows = [_row(peer) for peer in PEERS]
    gc.freeze()  # as before each round
    figures = _times(effort)
    documents = typical(effort.objects)
    figures["memory"] = {"typical": {p.name: _bytes_an_object(p, documents) for p in PEERS}}
    figures["import"] = {"package": _import_times(effort.imports)}
    packages = sorted({package for peer in PEERS for package in peer.packages})
    return Results(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=f"{platform.system()} {platform.machine()}",
        quick=effort is QUICK,
        versions={package: importlib.metadata.version(package) for package in packages},
        rows=rows,
        all_finer_points=len(FINER),
        figures=figures,
        ratios={
            operation: {
                payload: {name: figure / row[BASE] for name, figure in row.items()}
                for payload, row in figures[operation].items()
            }
            for operation in ("decode", "encode", "refuse", "memory")
        },
        targets=[
            {
                "what": str(target),
                "ratio": target.ratio(figures),
                "aim": target.aim,
                "met": target.is_met(figures),
            }
            for target in TARGETS
        ],
    )


def main() -> None:
    """Compare, print and write what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds and small payloads")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the results")
    arguments = parser.parse_args()
    results = compare(QUICK if arguments.quick else FULL)
    show(results)
    if arguments.json:
        text = json.dumps(results, ensure_ascii=False, indent=1)
        arguments.json.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
