"""The command, and the options that several of its subcommands have."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

from jobstatus._untrusted import excerpt
from jobstatus.lifecycle import RETRYING, STANDARD

LifecycleName: TypeAlias = Literal["standard", "retrying"]


LIFECYCLES: Final = {"standard": STANDARD, "retrying": RETRYING}


app: Final = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        try:
            number = version("jobstatus")
        except PackageNotFoundError:  # a source tree that is not installed
            number = "unknown"
        typer.echo(f"jobstatus {number}")
        raise typer.Exit


@app.callback(help="Check JobStatus payloads and print the contract.")
def app_options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Read the options of the whole command."""


Followed: TypeAlias = Annotated[
    LifecycleName, typer.Option("--lifecycle", help="The lifecycle of the jobs.")
]


States: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=STATE",
        help="Another name of a state; may be repeated.",
        show_default=False,
    ),
]


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
