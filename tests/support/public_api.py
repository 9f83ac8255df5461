"""A listing of the public names of the package with their signatures, one name per line.

Update it with ``python -m tests.support.public_api > tests/public_api.txt``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import griffe
import typer

import jobstatus
from jobstatus.cli import app

LISTING = Path(__file__).parent.parent / "public_api.txt"
# The package's own names, then its public modules in alphabetical order.
MODULES = (
    "jobstatus",
    *(
        f"jobstatus.{name}"
        for name in (
            "codec",
            "contract",
            "contract.sql",
            "dates",
            "errors",
            "fastapi",
            "follow",
            "history",
            "lifecycle",
            "queues",
            "queues.celery",
            "queues.dramatiq",
            "queues.rq",
            "stores",
            "strategies",
            "streams",
            "validators",
        )
    ),
)
# Those that can be imported here: some need the library whose name they have.
OTHERS = {"celery", "dramatiq", "fastapi", "rq"}
IMPORTABLE = tuple(
    path for path in MODULES if all(map(find_spec, OTHERS.intersection(path.split("."))))
)
# Methods with a leading underscore are private, except these two, which callers use implicitly.
CALLED = {"__init__", "__call__"}


def lines() -> Iterator[str]:
    """Yield each module with its names and their members, then the command line's options."""
    source = Path(jobstatus.__file__).parent.parent
    package = griffe.load("jobstatus", search_paths=[source], resolve_aliases=True)
    for path in MODULES:
        module = package.modules_collection[path]
        yield path
        for name in map(str, module.exports):
            found = module[name]
            if path != found.canonical_path.rpartition(".")[0] in MODULES:
                yield f"  {name} is {found.canonical_path}"
            else:
                yield from _entry(name, found, "  ")
    yield "python -m jobstatus"
    commands: dict[str, Any] = vars(typer.main.get_command(app))["commands"]
    for name, command in sorted(commands.items()):
        options = (f" {option}" for part in command.params for option in _options(part))
        yield f"  {name}{''.join(options)}"


def _options(parameter: Any) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


def _entry(name: str, found: griffe.Object | griffe.Alias, indent: str) -> Iterator[str]:
    match found.final_target if isinstance(found, griffe.Alias) else found:
        case griffe.Function() as function:
            # griffe's own signature, on one line.
            yield f"{indent}{' '.join(function.signature(return_type=True).split())}"
        case griffe.Class() as class_:
            bases = ", ".join(str(base) for base in class_.bases if not str(base).startswith("_"))
            yield f"{indent}class {name}" + (f"({bases})" if bases else "")
            for member, inside in class_.all_members.items():
                if not member.startswith("_") or member in CALLED:
                    yield from _entry(member, inside, f"{indent}  ")
        case griffe.Attribute(annotation=annotation, value=value):
            typed = f"{name}: {annotation}" if annotation else name
            yield f"{indent}{typed}" + (f" = {value}" if value else "")
        case other:  # pragma: no cover - no module and no type alias is exported
            raise TypeError(other)


if __name__ == "__main__":  # pragma: no cover - run by hand when the API changes
    sys.stdout.writelines(f"{line}\n" for line in lines())
