"""The README's table of what each library gives, found by trying it.

Run: python -m benchmarks.comparison

A cell is the first way to use a library that passes the check of its row.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from msgspec import MsgspecError
from transitions import MachineError

from benchmarks.columns import LIBRARIES, Library
from benchmarks.report import load
from jobstatus.history import check_history

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = ROOT / "benchmarks" / "results" / "cpython-3.11.json"
NO: Final = "–"  # noqa: RUF001 - as in the documentation

_REFUSALS: Final = (ValueError, AttributeError, ExceptionGroup, MsgspecError, MachineError)
_MYPY_ERROR: Final = re.compile(r"program_(\d+)\.py:(\d+): error: ")


class Row(NamedTuple):
    """A check, what it is called, and what of a way it takes."""

    text: str
    needs: tuple[str, ...]
    check: Callable[[Any], bool]


def _is_refused(call: Callable[..., object], *arguments: object, **keywords: object) -> bool:
    try:
        call(*arguments, **keywords)
    except _REFUSALS:
        return True
    return False


def _failed(members: str = "") -> bytes:
    return f'{{"id":"a","status":"failed"{members}}}'.encode()


def _leaves_out(way: Any) -> bool:
    written = json.loads(way.write(way.read(_failed())))
    return [*written] == ["id", "status"]


def _writes_like_javascript(way: Any) -> bool:
    moment = "2026-11-23T14:40:00.123Z"
    text = way.write(way.read(_failed(f',"progress":50.0,"estimatedCompletion":"{moment}"')))
    written: dict[str, str] = json.loads(text, parse_float=str, parse_int=str)
    return written["progress"] == "50" and written["estimatedCompletion"] == moment


def _reads_strictly(way: Any) -> bool:
    way.read(_failed(',"progress":40'))
    values = ("null", "true", '"40"', "NaN")
    return all(_is_refused(way.read, _failed(f',"progress":{value}')) for value in values)


def _tells_all(way: Any) -> bool:
    try:
        way.read(b'{"status":"paused","progress":"x","estimatedCompletion":"soon"}')
    except _REFUSALS as error:
        # By the key or by the attribute.
        places = {place.replace("_c", "C") for place in way.places(error)}
        return places == {"id", "status", "progress", "estimatedCompletion"}
    return False


def _checks_and_freezes(way: Any) -> bool:
    job = way.make(id="a", status="queued", progress=40)
    return _is_refused(way.make, id="a", status="queued", progress=140) and _is_refused(
        setattr, job, "progress", 50
    )


def _refuses_a_step(way: Any) -> bool:
    way.walk(["processing", "completed"])
    return _is_refused(way.walk, ["processing", "completed", "processing"])


@cache
def _refused_by_mypy() -> dict[str, set[int]]:
    """Return the lines of each program that mypy refuses."""
    programs = [way.typed for library in LIBRARIES for way in library.ways if way.typed]
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"program_{number}.py" for number in range(len(programs))]
        for path, program in zip(paths, programs, strict=True):
            path.write_text(program, encoding="utf-8")
        # A cache of its own, for other tests may run mypy at the same time.
        options = ("--strict", f"--cache-dir={folder}")
        command = [sys.executable, "-m", "mypy", *options, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, text=True)
    found = [(int(number), int(line)) for number, line in _MYPY_ERROR.findall(done.stdout)]
    return {
        program: {line for number, line in found if number == this}
        for this, program in enumerate(programs)
    }


def _mypy_refuses_a_step(way: Any) -> bool:
    lines = enumerate(way.typed.splitlines(), start=1)
    return _refused_by_mypy()[way.typed] == {n for n, line in lines if line.endswith("# illegal")}


def _joins(way: Any) -> bool:
    done, late = b'{"id":"a","status":"completed"}', b'{"id":"a","status":"processing"}'
    return all(way.join(order) == "completed" for order in permutations([done, late, done]))


def _draws_illegal_histories(way: Any) -> bool:
    findings = check_history(way.illegal_history().snapshots)
    return "error" in {finding.severity for finding in findings}


def _gives_a_schema(way: Any) -> bool:
    return "estimatedCompletion" in json.dumps(way.schema())


def _gives_typescript(way: Any) -> bool:
    return "interface JobStatus" in way.typescript()


def _takes_others(way: Any) -> bool:
    return not _is_refused(way.own)


def _has_richer_steps(way: Any) -> bool:
    return bool(way.richer())


ROWS: Final = (
    Row("no `null` for an absent key", ("read", "write"), _leaves_out),
    Row("JavaScript's `50` and `.123Z`", ("read", "write"), _writes_like_javascript),
    Row('`null`, `true`, `"40"`, `NaN` refused', ("read",), _reads_strictly),
    Row("all problems at once, with places", ("read", "places"), _tells_all),
    Row("checked and frozen in Python, too", ("make",), _checks_and_freezes),
    Row("illegal steps refused", ("walk",), _refuses_a_step),
    Row("… by mypy, too", ("typed",), _mypy_refuses_a_step),
    Row("late messages joined", ("join",), _joins),
    Row("illegal histories to test with", ("illegal_history",), _draws_illegal_histories),
    Row("JSON Schema", ("schema",), _gives_a_schema),
    Row("TypeScript", ("typescript",), _gives_typescript),
    Row("types or states of your own", ("own",), _takes_others),
    Row("guards, callbacks, nested states", ("richer",), _has_richer_steps),
)


def cell(row: Row, library: Library) -> str:
    """Return the mark of the first way that has what a check needs, and passes it."""
    for way in library.ways:
        if all(getattr(way, name) is not None for name in row.needs) and row.check(way):
            return way.mark
    return NO


def _time(library: Library) -> str:
    ratios = load(str(RESULTS))["ratios"]["decode"]["typical"]
    return ", ".join(f"{ratios[name]:.2f}{how}" for name, how in library.figures) or NO


def _lines() -> Iterator[list[str]]:
    yield ["", *(library.name for library in LIBRARIES)]
    yield [":--", *(":-:" for _ in LIBRARIES)]
    for row in ROWS:
        yield [row.text, *(cell(row, library) for library in LIBRARIES)]
    yield ["reading time", *map(_time, LIBRARIES)]


def table() -> str:
    """Return the table as Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in _lines())


if __name__ == "__main__":
    print(table(), end="")
