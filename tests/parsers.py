"""The fast path by json's scanner and by msgspec, whichever is installed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

from jobstatus import _fast
from jobstatus._msgspec import Decoders, decoders

PARSERS: Final[dict[str, Decoders | None]] = {"json": None, "msgspec": decoders()}


@contextmanager
def parsing_with(name: str) -> Generator[None]:
    """Read with one of the parsers."""
    with patch.object(_fast, "decoders", lambda: PARSERS[name]):
        yield
