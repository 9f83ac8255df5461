"""A Node process that runs the generated TypeScript."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import cast, final

import attrs

from jobstatus import Codec
from tests.node.peer import Node


@final
@attrs.frozen
class Rejection:
    """The problems that the reviver found: pointers, codes and messages, in its order."""

    problems: tuple[tuple[str, str, str], ...]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """The pointer and the code of each problem."""
        return [(pointer, code) for pointer, code, _ in self.problems]

    @property
    def expectations(self) -> list[str]:
        """Each message without the quoted value."""
        return [expectation(message) for *_, message in self.problems]


def expectation(message: str) -> str:
    """Return a message up to the value, which Python and JavaScript quote differently."""
    return message.partition(", got ")[0]


@final
class Reviver(Node):
    """A node process with the compiled TypeScript module."""

    def __init__(self, module: Path) -> None:
        super().__init__("America/New_York", Path(__file__).with_name("revive.mjs"), str(module))

    def revive(self, document: bytes, codec: Codec = Codec()) -> str | Rejection | None:  # noqa: B008 - frozen
        """Return the revived job as JSON, or its problems, or None if the document is not JSON."""
        options = {name: getattr(codec, name) for name in ("null", "ids", "numbers")}
        question = [b64encode(document).decode("ascii"), options]
        answer = self.ask("revive", question)
        if answer is None or isinstance(answer, str):
            return answer
        rows = cast("list[list[str]]", answer)
        return Rejection(tuple((pointer, code, message) for pointer, code, message in rows))

    def transitions(self) -> dict[str, list[str]]:
        """Return the table of transitions in the module."""
        return cast("dict[str, list[str]]", self.ask("transitions", None))

    def is_terminal(self, state: str) -> bool:
        """Return whether the module considers a state terminal."""
        return cast("bool", self.ask("terminal", state))
