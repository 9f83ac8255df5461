"""The command, and the options that several of its subcommands have."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Final, Literal, TypeAlias

import attrs
import typer

from jobstatus._untrusted import excerpt
from jobstatus._wire import MAX_DEPTH
from jobstatus.cli._help import Group
from jobstatus.cli._reading import parse_pointer
from jobstatus.codec import DEFAULT, TOLERANT, Codec, Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.errors import InvalidValueError
from jobstatus.lifecycle import RETRYING, STANDARD

LifecycleName: TypeAlias = Literal["standard", "retrying"]


LIFECYCLES: Final = {"standard": STANDARD, "retrying": RETRYING}


# Help texts are not docstrings, because python -OO strips those. rich would cut them off in a
# narrow terminal.
app: Final = typer.Typer(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        try:
            number = version("jobstatus")
        except PackageNotFoundError:  # a source tree that is not installed
            number = "unknown"
        typer.echo(f"jobstatus {number}")
        raise typer.Exit


@app.callback(help="Check JobStatus payloads, explain problems, and print the contract.")
def app_options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "-V", "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Read the options of the whole command."""


Followed: TypeAlias = Annotated[
    LifecycleName, typer.Option("--lifecycle", help="The lifecycle of the jobs.")
]
NoGaps: TypeAlias = Annotated[
    bool, typer.Option("--no-gaps", help="Require every intermediate state.")
]
States: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=STATE",
        help="Another name of a state; may be repeated.",
        show_default=False,
    ),
]

# The options for reading, which have the names of the options of Codec.
Tolerant: TypeAlias = Annotated[
    bool,
    typer.Option("--tolerant", help="As --null absent --ids number --numbers text --dates any."),
]
NullOption: TypeAlias = Annotated[
    Null | None,
    typer.Option(help="Meaning of null for an optional key. [default: reject]", show_default=False),
]
UnknownKeysOption: TypeAlias = Annotated[
    UnknownKeys, typer.Option(help="Treatment of unknown keys.")
]
IdsOption: TypeAlias = Annotated[
    Ids | None, typer.Option(help="Types of ids, besides text. [default: text]", show_default=False)
]
NumbersOption: TypeAlias = Annotated[
    Numbers | None,
    typer.Option(help="Types of progress, besides numbers. [default: number]", show_default=False),
]
DatesOption: TypeAlias = Annotated[
    Dates | None,
    typer.Option(
        metavar="FORMAT",
        help="Formats of dates: ecmascript, iso8601, any or milliseconds. [default: ecmascript]",
        show_default=False,
    ),
]
MaxDepth: TypeAlias = Annotated[
    int,
    typer.Option(metavar="N", help="Maximum depth of arrays and objects.", min=1, max=MAX_DEPTH),
]
PointerOption: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="POINTER",
        help="JSON Pointer of the payload in each document, such as /job. Documents without one "
        "are skipped.",
        show_default=False,
        callback=parse_pointer,
    ),
]


def make_codec(*, tolerant: bool, state: list[str] | None, **options: Any) -> Codec:
    """Return a codec with the options that are set and not None."""
    pairs = parse_states(state or [])
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return attrs.evolve(TOLERANT if tolerant else DEFAULT, **given, states=pairs)
    except InvalidValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--state'") from None


def parse_states(pairs: list[str]) -> dict[str, Any]:
    """Return the states by their other names."""
    states: dict[str, Any] = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        if not equals:
            message = f"expected NAME=STATE, got {excerpt(pair)}"
            raise typer.BadParameter(message, param_hint="'--state'")
        states[name] = target
    return states
