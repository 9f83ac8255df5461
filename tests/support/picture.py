"""Draw the progress bar of ``jobstatus watch`` for the README.

``python -m tests.support.picture > docs/watch.svg`` renews the picture.
"""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console
from rich.text import Text

from jobstatus import JobStatus
from jobstatus.cli._screen import Bar

NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
COMMAND: Final = "$ jobstatus watch https://jobs.example.com/jobs/report-7"
# An SVG that a page shows as an image cannot load fonts from elsewhere.
FONTS: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def draw() -> str:
    """Return the picture as SVG."""
    console = Console(
        color_system="truecolor",
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
        record=True,
        width=80,
        _environ={},
    )
    seconds = iter([0.0])
    bar = Bar(console, clock=lambda: next(seconds, 83.0), now=lambda: NOW)
    bar.show(
        JobStatus(
            "report-7",
            "processing",
            progress=42,
            estimated_completion=NOW + timedelta(seconds=115),
        )
    )
    console.print(Text(COMMAND))
    console.print(bar.render())
    console.print()  # rich clips each line but the last one
    return FONTS.sub("", console.export_svg(title="jobstatus watch", unique_id="watch"))


if __name__ == "__main__":
    sys.stdout.write(draw())
