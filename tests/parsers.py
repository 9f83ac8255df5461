"""The fast path by json's scanner and by msgspec, whichever is installed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

import msgspec

from jobstatus import _fast

PARSERS: Final[dict[str, Callable[[str], object] | None]] = {
    "json": None,
    "msgspec": msgspec.json.Decoder().decode,
}


@contextmanager
def parsing_with(name: str) -> Generator[None]:
    """Read with one of the parsers."""
    with patch.object(_fast, "parser", lambda: PARSERS[name]):
        yield
