"""Print the interesting cases of a fuzzer's directory: ``python -m fuzz.keep DIRECTORY``.

Add the lines to tests/corpus.txt. A case is interesting if it covers a new step between lines of
the library, or has a new outcome. Short cases come first, and each is simplified as far as it still
covers the same.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import jobstatus
from fuzz.mutate import TOKEN
from tests.support.judge import Case, Outcome, corpus

PACKAGE = str(Path(jobstatus.__file__).parent)


def run(case: Case) -> tuple[set[Hashable], list[Outcome]]:
    """Return the covered steps and codes of a case, and its outcomes."""
    features = set[Hashable]()

    def enter(frame: FrameType, _event: str, _argument: object) -> Any:
        code, before = frame.f_code, 0

        def step(frame: FrameType, _event: str, _argument: object) -> Any:
            nonlocal before
            features.add((case.surface, code, before, frame.f_lineno))
            before = frame.f_lineno
            return step

        return step if code.co_filename.startswith(PACKAGE) else None

    sys.settrace(enter)
    try:
        outcomes = case.check()
    finally:
        sys.settrace(None)
    ends = [part if isinstance(part, str) else str(part[-1]) for part in outcomes]
    codes = {(case.surface, end if end.isidentifier() else "read") for end in ends}
    return features | codes, outcomes


def simpler(case: Case) -> Iterator[Case]:
    """Yield simpler cases: with one option less, or without 16, 4 or 1 of the words."""
    for name in case.options:
        options = {other: value for other, value in case.options.items() if other != name}
        yield case._replace(options=options)
    words = TOKEN.findall(case.data)
    for size in (16, 4, 1):
        for at in range(0, len(words), size):
            yield case._replace(data=b"".join(words[:at] + words[at + size :]))


def simplify(case: Case, needed: set[Hashable]) -> Case:
    """Return a simpler case that still has all needed features."""
    for other in simpler(case):
        if needed <= run(other)[0]:
            return simplify(other, needed)
    return case


def main(directory: Path) -> None:
    """Print a line for each interesting case."""
    known = set[Hashable]().union(*(run(case)[0] for case, _ in corpus()))
    for path in sorted(directory.iterdir(), key=lambda path: path.stat().st_size):
        case = Case.from_input(path.read_bytes())
        if needed := run(case)[0] - known:
            case = simplify(case, needed)
            features, outcomes = run(case)
            known |= features
            print(ascii((*case, outcomes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
