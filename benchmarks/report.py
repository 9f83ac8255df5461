"""The results of a comparison, in a terminal and as Markdown.

Run: python -m benchmarks.report RESULTS.json...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, TypedDict, cast

from rich.console import Console
from rich.table import Table

from benchmarks.targets import PAYLOADS, Figures


class Row(TypedDict):
    """What is to be said of a peer."""

    name: str
    needs: str
    except_for: list[str]
    finer_points: int
    problems: int


class Reached(TypedDict):
    """How near a target is."""

    what: str
    ratio: float
    aim: float
    met: bool


class Results(TypedDict):
    """The results of a comparison."""

    python: str
    machine: str
    quick: bool
    versions: dict[str, str]
    rows: list[Row]
    all_finer_points: int
    figures: Figures
    ratios: Figures
    targets: list[Reached]


UNITS: Final = "Microseconds a message, and in brackets the ratio to pydantic."
MANY: Final = "In array and lines, too, a message is one of those that they hold."


def _header(results: Results) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return f"{results['python']}, {results['machine']}; {versions}"


def _cell(results: Results, operation: str, payload: str, name: str) -> str:
    figure = results["figures"][operation][payload][name]
    ratio = results["ratios"][operation][payload][name]
    digits = 0 if operation == "memory" else 2
    return f"{figure:,.{digits}f} ({ratio:.2f})"


def _speeds(results: Results, operation: str) -> list[list[str]]:
    return [
        [row["name"], *(_cell(results, operation, payload, row["name"]) for payload in PAYLOADS)]
        for row in results["rows"]
    ]


def _others(results: Results) -> list[list[str]]:
    return [
        [
            row["name"],
            _cell(results, "refuse", "all keys wrong", row["name"]),
            f"{row['problems']} of 5",
            _cell(results, "memory", "typical", row["name"]),
            f"{row['finer_points']} of {results['all_finer_points']}",
        ]
        for row in results["rows"]
    ]


def _needs(results: Results) -> list[list[str]]:
    return [
        [row["name"], "; except for ".join([row["needs"], *row["except_for"]])]
        for row in results["rows"]
    ]


def _reached(results: Results) -> list[list[str]]:
    return [
        [
            target["what"],
            f"{target['ratio']:.3f}",
            f"≤ {target['aim']:.2f}",
            "met" if target["met"] else "not met",
        ]
        for target in results["targets"]
    ]


_SPEED: Final = ["", *PAYLOADS]
_OTHER: Final = ["", "refusing, µs", "problems told", "bytes an object", "finer points"]
_NEED: Final = ["", "needs on top of itself"]
_TARGET: Final = ["target", "ratio", "aim", ""]


def _table(title: str, head: list[str], rows: list[list[str]], *, texts: bool = False) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None)
    for place, name in enumerate(head):
        is_text = texts or place == 0
        table.add_column(name, justify="left" if is_text else "right", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    return table


def _imports(results: Results) -> str:
    taken = results["figures"]["import"]["package"]
    parts = ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in taken.items())
    return f"import, without the interpreter's own start: {parts} (jobstatus imports attrs too)"


def show(results: Results) -> None:
    """Print the results."""
    console = Console(width=110, highlight=False)
    quick = " Few rounds and small payloads: no figures to quote." if results["quick"] else ""
    console.print(f"{_header(results)}\n{UNITS} {MANY}{quick}\n")
    for operation in ("decode", "encode"):
        console.print(_table(operation, _SPEED, _speeds(results, operation)), "")
    console.print(_table("a bad message, memory, the contract", _OTHER, _others(results)), "")
    console.print(_table("needs", _NEED, _needs(results), texts=True), "")
    console.print(f"{_imports(results)}\n")
    console.print(_table("targets", _TARGET, _reached(results)))


def _markdown(head: list[str], rows: Iterable[list[str]], *, texts: bool = False) -> str:
    rules = [":--" if texts or place == 0 else "--:" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in chain([head, rules], rows))


def _section(results: Results) -> Iterator[str]:
    yield f"## {results['python']}"
    yield f"{_header(results)}."
    for operation in ("decode", "encode"):
        yield f"### {operation.capitalize()}"
        yield _markdown(_SPEED, _speeds(results, operation))
    yield "### A bad message, memory and the finer points"
    yield _markdown(_OTHER, _others(results))
    imports = _imports(results)
    yield f"{imports[0].upper()}{imports[1:]}."
    yield "### Targets"
    yield _markdown(_TARGET, _reached(results))


def page(*results: Results) -> str:
    """Return the tables as Markdown, a section for each run."""
    parts = [f"{UNITS} {MANY}", _markdown(_NEED, _needs(results[0]), texts=True)]
    return "\n\n".join([*parts, *chain.from_iterable(map(_section, results))]) + "\n"


def load(path: str) -> Results:
    """Return the results that `benchmarks.compare` wrote."""
    return cast("Results", json.loads(Path(path).read_text(encoding="utf-8")))


if __name__ == "__main__":
    print(page(*map(load, sys.argv[1:])), end="")
