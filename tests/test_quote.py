"""Quoting is bounded and harmless."""

from __future__ import annotations

import pytest

from jobstatus._quote import escape_pointer, excerpt, printable


class Rude:
    """An object whose repr fails."""

    def __repr__(self) -> str:
        """Fail."""
        raise RuntimeError


class RudeText(str):
    """A string whose repr fails."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Fail."""
        raise RuntimeError

    def __getitem__(self, _: object) -> str:
        """Return another such string."""
        return self


def repr_of_type(value: object) -> str:
    """Name a parameter by its type, for its repr may be rude."""
    return type(value).__name__


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("short", "'short'"),
        (b"short", "b'short'"),
        (None, "None"),
        ("x" * 78, repr("x" * 78)),
        ("x" * 79, "'" + "x" * 76 + "..."),
        ([1, 2], "[1, 2]"),
        (Rude(), "<Rude instance at 0x...>"),
        (RudeText("x"), "<RudeText without a repr>"),
        ("\n\x1b[31m", "'\\n\\x1b[31m'"),
    ],
    ids=repr_of_type,
)
def test_excerpt_is_the_repr_in_eighty_characters(value: object, quoted: str) -> None:
    """Short values are quoted in full, long ones are cut, rude ones are named."""
    start, _, _ = quoted.partition("0x...")
    assert excerpt(value).startswith(start)
    assert len(excerpt(value)) <= 80


@pytest.mark.parametrize(
    "value",
    ["x" * 10**8, b"x" * 10**8, 10**5000, [[[[]]]] * 10**6, dict.fromkeys(range(10**5))],
    ids=["str", "bytes", "int", "list", "dict"],
)
def test_excerpt_of_a_huge_value_is_short(value: object) -> None:
    """Nothing is so large that its quote is long."""
    assert len(excerpt(value)) <= 80


def test_printable_escapes_what_could_forge_a_line() -> None:
    """Newlines, terminal sequences and lone surrogates are escaped; other text is not."""
    assert printable("caf\u00e9 \U0001f4f7") == "caf\u00e9 \U0001f4f7"
    assert printable("a\nb\x1b[31m\ud800") == "a\\nb\\x1b[31m\\ud800"
    assert len(printable("x" * 1000)) == 80


def test_escape_pointer_follows_rfc_6901() -> None:
    """A tilde becomes ~0 and a slash ~1."""
    assert escape_pointer("m~n/o") == "m~0n~1o"
