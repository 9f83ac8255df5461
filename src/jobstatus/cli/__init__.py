"""The command line: ``python -m jobstatus`` and ``jobstatus``. Needs the extra ``cli``."""

from __future__ import annotations

# Importing a module of subcommands adds them to the command, in this order.
from jobstatus.cli import _check as _check  # isort: skip
from jobstatus.cli import _timeline as _timeline  # isort: skip
from jobstatus.cli import _watch as _watch  # isort: skip
from jobstatus.cli import _explain as _explain  # isort: skip
from jobstatus.cli import _contract as _contract  # isort: skip
from jobstatus.cli._app import app

__all__ = ["app"]
