"""A Node process that runs the generated TypeScript."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import cast, final

import attrs

from tests.node.peer import Node


@final
@attrs.frozen
class Refusal:
    """What the reviver found wrong: pointers, codes and messages, in its order."""

    problems: tuple[tuple[str, str, str], ...]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """The pointers and the codes."""
        return [(pointer, code) for pointer, code, _ in self.problems]


@final
class Reviver(Node):
    """A node with the generated module, compiled."""

    def __init__(self, module: Path) -> None:
        super().__init__("America/New_York", Path(__file__).with_name("revive.mjs"), str(module))

    def revive(self, document: bytes) -> str | Refusal | None:
        """Return what JSON.stringify writes for the job, or what is wrong; None for no JSON."""
        answer = self.ask("revive", b64encode(document).decode("ascii"))
        if answer is None or isinstance(answer, str):
            return answer
        rows = cast("list[list[str]]", answer)
        return Refusal(tuple((pointer, code, message) for pointer, code, message in rows))

    def transitions(self) -> dict[str, list[str]]:
        """Return the table of transitions."""
        return cast("dict[str, list[str]]", self.ask("transitions", None))
