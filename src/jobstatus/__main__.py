"""The door of the command line, which says what to install where the extra is missing."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from importlib.util import find_spec


def main() -> None:
    """Run the command line; exit with 2 if it lacks its libraries or cannot write its output."""
    if find_spec("typer") is None or find_spec("rich") is None:
        print("jobstatus: expected typer and rich: pip install 'jobstatus[cli]'", file=sys.stderr)
        sys.exit(2)
    from jobstatus.cli import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A payload may hold what the terminal's encoding does not.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="jobstatus")
    except OSError as error:  # of standard output; the command handles its files'
        print(f"jobstatus: standard output: {error.strerror or error}", file=sys.stderr)
        with suppress(OSError):
            # Else the interpreter fails again as it ends, with what is in the buffer, and exits
            # with 120.
            sys.stdout.close()
        sys.exit(2)


if __name__ == "__main__":
    main()
