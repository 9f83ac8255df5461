"""The command line: ``python -m jobstatus`` and ``jobstatus``. Needs the extra ``cli``."""

from __future__ import annotations

from jobstatus.cli._app import app

__all__ = ["app"]
