"""The subcommands that print the contract."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from jobstatus.cli._app import LIFECYCLES, Followed, States, app, parse_states
from jobstatus.cli._help import Command
from jobstatus.contract import json_schema, openapi_component, sql, typescript
from jobstatus.contract.sql import Dialect
from jobstatus.errors import InvalidValueError

# Help texts are not docstrings, because python -OO strips those.
_SQL_HELP = """\
Print the lifecycle as SQL: the tables of a store, or a guard.

A guard is for a table that other programs write. It rejects an update of the state, unless the
lifecycle has this transition.
"""


@app.command(help="Print the JSON Schema (2020-12) of a payload.", cls=Command)
def schema() -> None:
    """Run ``jobstatus schema``."""
    typer.echo(json.dumps(json_schema(), indent=2))


@app.command(
    help="Print the OpenAPI 3.1 Schema Object for #/components/schemas/JobStatus.", cls=Command
)
def openapi() -> None:
    """Run ``jobstatus openapi``."""
    typer.echo(json.dumps(openapi_component(), indent=2))


@app.command(
    name="typescript",
    help="Print a TypeScript module: the interface, its reviver and the legal transitions.",
    cls=Command,
)
def print_typescript(*, lifecycle: Followed = "standard") -> None:
    """Run ``jobstatus typescript``."""
    typer.echo(typescript(lifecycle=LIFECYCLES[lifecycle]), nl=False)


@app.command(
    name="lifecycle",
    help="Print the legal transitions and their reasons as a Mermaid diagram.",
    cls=Command,
)
def print_lifecycle(*, lifecycle: Followed = "standard") -> None:
    """Run ``jobstatus lifecycle``."""
    typer.echo(LIFECYCLES[lifecycle].to_mermaid(), nl=False)


@app.command(name="sql", help=_SQL_HELP, cls=Command)
def print_sql(  # noqa: PLR0913 - one for each option
    *,
    dialect: Annotated[Dialect, typer.Option(help="The database; mysql includes MariaDB.")],
    table: Annotated[str, typer.Option(help="Name of the table of jobs.")] = "jobs",
    schema: Annotated[
        str | None,
        typer.Option(help="Schema of the table; for mysql, its database.", show_default=False),
    ] = None,
    guard_only: Annotated[
        bool, typer.Option("--guard-only", help="Guard a table that exists already.")
    ] = False,
    status_column: Annotated[
        str, typer.Option(help="Name of its column with the state.")
    ] = "status",
    state: States = None,
    lifecycle: Followed = "standard",
    partitions: Annotated[
        int | None,
        typer.Option(help="For postgresql: divide the tables by the id.", show_default=False),
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Print how to remove the guard.")] = False,
    for_client: Annotated[
        bool, typer.Option("--for-client", help="Add DELIMITER, for the mysql client.")
    ] = False,
) -> None:
    """Run ``jobstatus sql``."""
    followed = LIFECYCLES[lifecycle]
    states = parse_states(state or [])
    if states and (drop or not guard_only):
        raise typer.BadParameter("needs --guard-only", param_hint="'--state'")
    if partitions is not None and (drop or guard_only):
        raise typer.BadParameter("needs the tables of a store", param_hint="'--partitions'")
    if status_column != "status" and not (drop or guard_only):
        raise typer.BadParameter("needs --guard-only", param_hint="'--status-column'")
    try:
        if drop:
            statements = sql.drop_guard(
                dialect, table=table, status_column=status_column, schema=schema
            )
        elif guard_only:
            statements = sql.guard(
                dialect,
                table=table,
                status_column=status_column,
                schema=schema,
                lifecycle=followed,
                states=states,
            )
        else:
            if dialect == "mysql":
                raise typer.BadParameter("needs --guard-only or --drop for mysql")
            statements = sql.tables(
                dialect, table=table, schema=schema, lifecycle=followed, partitions=partitions
            )
    except InvalidValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(sql.script(statements, for_client=for_client), nl=False)
