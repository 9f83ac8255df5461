"""Objects of untrusted code."""

from __future__ import annotations

from collections import UserDict
from typing import Any


class Raising(UserDict[str, Any]):
    """A mapping that raises an error if it is read."""

    def __init__(self, error: type[Exception] = RuntimeError) -> None:
        super().__init__(a="queued")
        self.error = error

    def __getitem__(self, key: str) -> object:
        raise self.error
