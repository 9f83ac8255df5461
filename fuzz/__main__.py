"""Fuzz the readers: ``python -m fuzz [-OPTION=VALUE ...] [DIRECTORY ... | FILE ...]``.

The arguments are those of libFuzzer. It also starts from the cases in tests/corpus.txt.
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

# Imported by name, because Atheris has no types, and no wheels for some platforms.
atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["jobstatus", "json", "dateutil"]):
    from fuzz.mutate import mutate
    from tests.support.judge import Case, corpus

    import_module("dateutil.parser")  # jobstatus imports it at the first use, too late for this

OUT = Path(__file__).parent / "out"


def check(given: bytes) -> None:
    """Check an input. If it fails, print it in the format of tests/corpus.txt."""
    case = Case.from_input(given)
    try:
        case.check()
    except BaseException:
        print(ascii(tuple(case)), file=sys.stderr)
        raise


def mutate_bytes_or_words(given: bytes, most: int, seed: int) -> bytes:
    """Return a changed input: half are changed by libFuzzer, and half by fuzz/mutate.py."""
    chance = Random(seed)  # noqa: S311 - libFuzzer's seed
    changed: bytes = atheris.Mutate(given, most) if chance.randrange(2) else mutate(given, chance)
    return changed[:most]


def main(arguments: list[str]) -> None:
    """Run libFuzzer."""
    seeds = OUT / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir(parents=True)
    for number, (case, _) in enumerate(corpus()):
        (seeds / f"{number:03}").write_bytes(case.to_input())
    options = ["-max_len=512", "-timeout=10", f"-artifact_prefix={OUT}/", *arguments]
    if not any(Path(argument).is_file() for argument in arguments):
        options.append(str(seeds))
    atheris.Setup([sys.argv[0], *options], check, custom_mutator=mutate_bytes_or_words)
    atheris.Fuzz()


main(sys.argv[1:])
