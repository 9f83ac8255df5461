"""The door of the command line, which says what to install where the extra is missing."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> None:
    """Run the command line; exit with 2 if its libraries are not installed."""
    if find_spec("typer") is None or find_spec("rich") is None:
        print("jobstatus: expected typer and rich: pip install 'jobstatus[cli]'", file=sys.stderr)
        sys.exit(2)
    from jobstatus.cli import app

    app(prog_name="jobstatus")


if __name__ == "__main__":
    main()
