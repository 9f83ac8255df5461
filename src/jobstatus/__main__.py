"""Command-line entry point; it names the extra to install if typer or rich is missing."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> None:
    """Run the command line; exit with 2 if typer or rich is missing or output fails."""
    try:
        from jobstatus.cli import app
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("typer", "rich"):
            raise
        print(
            "jobstatus: the command needs typer and rich: pip install 'jobstatus[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A payload may contain characters that the terminal's encoding cannot represent.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="jobstatus")
    except OSError as error:  # from an output stream; the command handles file errors
        _give_up(f"jobstatus: standard output: {error.strerror or error}\n")
    except SystemExit as ended:
        # typer and rich exit with 1 if a pipe is closed, but 1 means that a payload has a problem.
        if isinstance(ended.__context__, BrokenPipeError):
            _give_up()
        raise


def _give_up(message: str = "") -> NoReturn:
    """Exit with 2 after a failed write."""
    with suppress(OSError):
        print(message, end="", file=sys.stderr, flush=True)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            # Otherwise the interpreter flushes the buffer again at exit, fails, and exits with 120.
            with suppress(OSError):
                stream.close()
    sys.exit(2)


if __name__ == "__main__":
    main()
