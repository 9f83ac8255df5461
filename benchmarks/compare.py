"""Compare this library with others, on the same documents and under the same contract.

Run: python -m benchmarks.compare [--quick] [--only GROUP ...] [--json FILE]

Each peer is first checked against the contract. Then the peers take short turns in one process, in
random order. The figures are medians of CPU time, and the ratios are medians of the ratios to
pydantic's strict model within each round.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import json
import platform
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias, TypedDict, cast

import jobstatus
from benchmarks.payloads import CREATED, LAYOUTS, REJECTED, SINGLE, array, lines, mixed
from benchmarks.peers import PEERS, Peer
from benchmarks.peers._check import check
from benchmarks.turns import Entry, Figure, Loop, each, measure, ratio

BASE: Final = "pydantic"
PACKAGES: Final = ("attrs", "cattrs", "jobstatus", "msgspec", "pydantic", "pydantic_core")

Row: TypeAlias = dict[str, Figure]
"""By peer: a figure and its ratio to the base."""


class Results(TypedDict):
    """The results of a run."""

    python: str
    machine: str
    versions: dict[str, str]
    figures: dict[str, Row]


@dataclass(frozen=True)
class Effort:
    """The amount of work: the rounds, the seconds per turn, and the sizes."""

    rounds: int
    rounds_of_arrays: int
    seconds: float
    items: int
    objects: int
    imports: int


FULL: Final = Effort(251, 41, 0.0015, items=10_000, objects=10_000, imports=30)
QUICK: Final = Effort(3, 3, 0.0002, items=100, objects=100, imports=2)


def _row(
    effort: Effort,
    loop: Callable[[Peer], Loop | None],
    values: Callable[[Peer], list[Any]],
    *,
    items: int = 1,
) -> Row:
    """Return the microseconds per item by peer, if each value contains this many items."""
    entries: dict[str, Entry] = {}
    for peer in PEERS:
        peer.prepare()
        if (of_peer := loop(peer)) is not None:
            entries[peer.name] = Entry(of_peer, values(peer), peer.prepare)
    rounds = effort.rounds_of_arrays if items == effort.items else effort.rounds
    measured = measure(entries, BASE, rounds, effort.seconds)
    return {name: (seconds * 1e6 / items, to_base) for name, (seconds, to_base) in measured.items()}


def _decode(effort: Effort) -> Iterator[tuple[str, Row]]:
    for name, documents in SINGLE.items():
        yield name, _row(effort, lambda peer: each(peer.decode), _given(documents))
    payloads = mixed(effort.items)
    document = [array(payloads)]
    row = _row(effort, lambda peer: each(peer.decode_array), _given(document), items=effort.items)
    yield "array", row
    # A tenth of the lines at a time, to keep the turns short.
    part = effort.items // 10
    parts = [lines(payloads[start : start + part]) for start in range(0, effort.items, part)]
    yield "lines", _row(effort, lambda peer: each(peer.decode_lines), _given(parts), items=part)


def _layout(effort: Effort) -> Iterator[tuple[str, Row]]:
    for name, documents in LAYOUTS.items():
        yield name, _row(effort, lambda peer: each(peer.decode), _given(documents))


def _encode(effort: Effort) -> Iterator[tuple[str, Row]]:
    for name, documents in SINGLE.items():
        yield name, _row(effort, lambda peer: each(peer.encode), _read(documents))
    document = array(mixed(effort.items))
    row = _row(
        effort,
        lambda peer: each(peer.encode_array),
        lambda peer: [peer.decode_array(document)],
        items=effort.items,
    )
    yield "array", row


def _reject(effort: Effort) -> Iterator[tuple[str, Row]]:
    for name, documents in REJECTED.items():
        yield name, _row(effort, _rejection, _given(documents))
        yield f"{name}, read", _row(effort, _rejection_read, _given(documents))


def _create(effort: Effort) -> Iterator[tuple[str, Row]]:
    yield "constructor", _row(effort, lambda peer: peer.create, _given(CREATED))
    yield "four steps", _row(effort, lambda peer: peer.step, _given(CREATED))


def _given(values: list[Any]) -> Callable[[Peer], list[Any]]:
    return lambda _: values


def _read(documents: list[bytes]) -> Callable[[Peer], list[Any]]:
    return lambda peer: [peer.decode(document) for document in documents]


def _rejection(peer: Peer) -> Loop:
    decode = peer.decode

    def loop(documents: list[bytes]) -> None:
        for document in documents:
            try:
                decode(document)
            except Exception:  # noqa: BLE001, S112 - each library has its own
                continue

    return loop


def _rejection_read(peer: Peer) -> Loop:
    decode, read = peer.decode, peer.read_problems

    def loop(documents: list[bytes]) -> None:
        for document in documents:
            try:
                decode(document)
            except Exception as error:  # noqa: BLE001 - as above
                read(error)

    return loop


def _memory(effort: Effort) -> Iterator[tuple[str, Row]]:
    documents = SINGLE["typical"][: effort.objects]
    held = {
        peer.name: _bytes_of_object(peer, documents * (effort.objects // len(documents)))
        for peer in PEERS
    }
    yield "bytes of a job", {name: (size, size / held[BASE]) for name, size in held.items()}


def _bytes_of_object(peer: Peer, documents: list[bytes]) -> float:
    peer.prepare()
    peer.decode(documents[0])  # fills the caches
    gc.collect()
    tracemalloc.start()
    jobs = [peer.decode(document) for document in documents]
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / len(jobs)


def _import(effort: Effort) -> Iterator[tuple[str, Row]]:
    """Yield milliseconds, and the ratio to `import attrs`."""
    times: dict[str, list[float]] = {"jobstatus": [], "attrs": []}
    # The same package as in this process, although -I ignores PYTHONPATH.
    start = f"import sys, time; sys.path.insert(0, {str(Path(jobstatus.__file__).parent.parent)!r})"
    for _ in range(effort.imports):
        for name, taken in times.items():
            code = f"{start}; began = time.process_time(); import {name}"
            code += "; print(time.process_time() - began)"
            output = subprocess.check_output([sys.executable, "-I", "-c", code], text=True)
            taken.append(float(output) * 1e3)
    yield (
        "milliseconds, ÷ attrs",
        {name: (median(taken), ratio(taken, times["attrs"])) for name, taken in times.items()},
    )


GROUPS: Final = {
    "decode": _decode,
    "layout": _layout,
    "encode": _encode,
    "reject": _reject,
    "create": _create,
    "memory": _memory,
    "import": _import,
}


def compare(effort: Effort, groups: list[str]) -> Results:
    """Check all peers, and measure these groups of rows."""
    for peer in PEERS:
        check(peer)
    gc.freeze()
    rows = [(group, row) for group in groups for row in GROUPS[group](effort)]
    return Results(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=f"{platform.system()} {platform.machine()}",
        versions={package: importlib.metadata.version(package) for package in PACKAGES},
        figures={
            f"{group}: {name}": {
                of_peer: (round(figure, 3), round(to_base, 3))
                for of_peer, (figure, to_base) in row.items()
            }
            for group, (name, row) in rows
        },
    )


def dumps(results: Results) -> str:
    """Return results as JSON with one row per line."""
    head = json.dumps({**results, "figures": ...}, default=lambda _: {})
    rows = [
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}"
        for name, row in results["figures"].items()
    ]
    return head.removesuffix("{}}") + "{\n" + ",\n".join(rows) + "\n}}\n"


def load(path: Path) -> Results:
    """Return the results in a file."""
    return cast("Results", json.loads(path.read_text(encoding="utf-8")))


def text(results: Results, part: int) -> str:
    """Return a table of the figures (part 0) or of the ratios (part 1)."""
    names = [peer.name for peer in PEERS]
    heads = zip(*(name.partition(", ")[::2] for name in names), strict=True)
    head = [f"{'':30}" + "".join(f"{name:>14}" for name in line) for line in heads]
    body = [
        f"{label:30}"
        + "".join(f"{row[name][part]:14.2f}" if name in row else f"{'-':>14}" for name in names)
        for label, row in results["figures"].items()
    ]
    return "\n".join([*head, *body])


def main() -> None:
    """Compare, print and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: figures not to quote")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=[*GROUPS], metavar="GROUP")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the results")
    arguments = parser.parse_args()
    results = compare(QUICK if arguments.quick else FULL, arguments.only)
    print(results["python"], *(f"{name} {number}" for name, number in results["versions"].items()))
    print(f"\nMicroseconds for a message, unless the row says otherwise\n{text(results, 0)}")
    print(f"\nRatios to {BASE}\n{text(results, 1)}")
    if arguments.json:
        arguments.json.write_text(dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
