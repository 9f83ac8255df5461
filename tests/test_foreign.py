"""Values from outside are told apart and quoted without trusting them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from unittest.mock import Mock

import pytest

from jobstatus._foreign import excerpt, is_a, printable


class Rude:
    """An object whose repr fails."""

    def __repr__(self) -> str:
        """Fail."""
        raise RuntimeError


def nameless() -> object:
    """Return an object without a repr, whose class does not tell its name."""
    # Made by hand, for no type checker lets a class hide its name.
    rude_type = type("RudeType", (type,), {"__name__": property(Rude.__repr__)})
    return rude_type("Nameless", (Rude,), {})()


def unhashable() -> object:
    """Return an object whose class can neither be hashed nor compared."""
    meta = type("Meta", (type,), {"__hash__": Rude.__repr__, "__eq__": Rude.__repr__})
    return meta("Unhashable", (), {"__repr__": "<unhashable>".__str__})()


class Endless(str):
    """A string that claims to be short."""

    __slots__ = ()

    def __len__(self) -> int:
        """Lie."""
        return 5


class Forger:
    """An object whose repr forges a log line, and is long."""

    def __repr__(self) -> str:
        """Forge."""
        return Endless("\n\x1b[31mERROR \ud800" + "x" * 1000)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        pytest.param("short", "'short'", id="str"),
        pytest.param(b"short", "b'short'", id="bytes"),
        pytest.param(bytearray(b"short"), "b'short'", id="bytearray"),
        pytest.param(None, "None", id="None"),
        pytest.param("x" * 78, repr("x" * 78), id="longest str"),
        pytest.param("x" * 79, "'" + "x" * 76 + "...", id="long str"),
        pytest.param([1, 2], "[1, 2]", id="list"),
        pytest.param(-1e300, "-1e+300", id="float"),
        pytest.param(True, "True", id="bool"),
        pytest.param(2**64 - 1, str(2**64 - 1), id="plain int"),
        pytest.param(-(2**64), str(-(2**64)), id="longer int"),
        pytest.param(unhashable(), "<unhashable>", id="type that is not hashed"),
        pytest.param(10**5000, "<int of 16610 bits>", id="int"),
        pytest.param("\n\x1b[31m", "'\\n\\x1b[31m'", id="controls"),
        pytest.param(Endless("x" * 100), "'" + "x" * 76 + "...", id="lying str"),
        pytest.param(Forger(), "\\n\\x1b[31mERROR \\ud800" + "x" * 55 + "...", id="forged repr"),
    ],
)
def test_excerpt_is_the_repr_in_eighty_characters(value: object, quoted: str) -> None:
    """Short values are quoted in full, long ones are cut, and none forges anything."""
    assert excerpt(value) == quoted
    assert len(quoted) <= 80


@pytest.mark.parametrize("make", [Rude, nameless])
def test_excerpt_of_an_object_without_a_repr_names_its_class(make: Callable[[], object]) -> None:
    """Whatever its repr and its class raise."""
    assert re.match(r"<(tests\.test_foreign\.\S+ object|Rude instance) at 0x", excerpt(make()))


@pytest.mark.parametrize(
    "value",
    ["x" * 10**8, b"x" * 10**8, 10**5000, [["x"]] * 10**6, dict.fromkeys(range(10**5), 0)],
    ids=["str", "bytes", "int", "list", "dict"],
)
def test_excerpt_of_a_huge_value_is_short(value: object) -> None:
    """Nothing is so large that its quote is long."""
    assert len(excerpt(value)) <= 80


def test_printable_escapes_what_could_forge_a_line() -> None:
    """Newlines, terminal sequences and lone surrogates are escaped; other text is not."""
    assert printable("caf\u00e9 \U0001f4f7") == "caf\u00e9 \U0001f4f7"
    assert printable("a\nb\x1b[31m\ud800") == "a\\nb\\x1b[31m\\ud800"
    assert len(printable("x" * 1000)) == 1000


def test_a_mock_is_not_what_it_says_it_is() -> None:
    """The type counts, and not ``__class__``."""
    mock = Mock(spec=str)
    assert isinstance(mock, str)
    assert not is_a(mock, str)
    assert is_a(Endless(), str)


def test_an_object_whose_class_cannot_be_asked_is_told_apart() -> None:
    """Nothing of the value's own is run."""
    evasive = type("Evasive", (), {"__class__": property(Rude.__repr__)})
    assert not is_a(evasive(), str)


def test_a_class_that_cannot_be_looked_up_is_of_no_abstract_kind() -> None:
    """An abstract base class would look it up."""
    assert not is_a(unhashable(), Mapping)  # type: ignore[type-abstract]  # issubclass takes it
