"""Type checks and quotes that are safe on untrusted objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from unittest.mock import Mock

import pytest

from jobstatus._untrusted import as_dict, excerpt, is_a, printable
from jobstatus.dates import normalize_date
from jobstatus.validators import parse_progress
from tests.support.hostile import Raising
from tests.test_dates import Nowhere


class Rude:
    """An object whose repr raises an error."""

    def __repr__(self) -> str:
        """Raise an error."""
        raise RuntimeError


def nameless() -> object:
    """Return an object without a repr, whose class has no readable name."""
    # Built with type(), because type checkers do not let a class hide its name.
    rude_type = type("RudeType", (type,), {"__name__": property(Rude.__repr__)})
    return rude_type("Nameless", (Rude,), {})()


def unhashable() -> object:
    """Return an object whose class cannot be hashed or compared."""
    meta = type("Meta", (type,), {"__hash__": Rude.__repr__, "__eq__": Rude.__repr__})
    return meta("Unhashable", (), {"__repr__": "<unhashable>".__str__})()


class Endless(str):
    """A string that claims to have five characters."""

    __slots__ = ()

    def __len__(self) -> int:
        """Return a wrong length."""
        return 5


class Forger:
    """An object with a long repr that forges a log line."""

    def __repr__(self) -> str:
        """Return a forged log line."""
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
def test_excerpt_is_the_repr_cut_to_eighty_characters(value: object, quoted: str) -> None:
    """Characters that could forge a log line are escaped."""
    assert excerpt(value) == quoted
    assert len(quoted) <= 80


@pytest.mark.parametrize("make", [Rude, nameless])
def test_excerpt_of_an_object_without_a_repr_names_its_class(make: Callable[[], object]) -> None:
    """Errors in the repr, or in the name of the class, do not matter."""
    assert re.match(r"<(tests\.test_untrusted\.\S+ object|Rude instance) at 0x", excerpt(make()))


@pytest.mark.parametrize(
    "value",
    ["x" * 10**8, b"x" * 10**8, 10**5000, [["x"]] * 10**6, dict.fromkeys(range(10**5), 0)],
    ids=["str", "bytes", "int", "list", "dict"],
)
def test_excerpt_of_a_huge_value_is_short(value: object) -> None:
    """A hostile payload must not flood a log."""
    assert len(excerpt(value)) <= 80


def test_printable_escapes_characters_that_could_forge_a_line() -> None:
    """These are newlines, terminal sequences and lone surrogates; other text is unchanged."""
    assert printable("caf\u00e9 \U0001f4f7") == "caf\u00e9 \U0001f4f7"
    assert printable("a\nb\x1b[31m\ud800") == "a\\nb\\x1b[31m\\ud800"
    assert len(printable("x" * 1000)) == 1000


def test_is_a_ignores_the_class_that_a_mock_claims() -> None:
    """The real type counts, not ``__class__``."""
    mock = Mock(spec=str)
    assert isinstance(mock, str)
    assert not is_a(mock, str)
    assert is_a(Endless(), str)


def test_is_a_does_not_run_code_of_the_object() -> None:
    """A ``__class__`` property that raises must have no effect."""
    evasive = type("Evasive", (), {"__class__": property(Rude.__repr__)})
    assert not is_a(evasive(), str)


def test_an_unhashable_class_is_not_an_instance_of_an_abstract_class() -> None:
    """The check of an abstract base class would have to hash it."""
    assert not is_a(unhashable(), Mapping)  # type: ignore[type-abstract]  # issubclass accepts it


class Deep(float):
    """A float whose code overflows the stack."""

    def __float__(self) -> float:
        """Fail as a full stack does."""
        raise RecursionError


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (parse_progress, Deep(5)),
        (normalize_date, datetime(2026, 1, 1, tzinfo=Nowhere(RecursionError()))),
        (as_dict, Raising(RecursionError)),
    ],
)
def test_a_full_stack_is_not_reported_as_a_fault(
    check: Callable[[object], object], value: object
) -> None:
    """The value may be valid, so RecursionError passes through."""
    with pytest.raises(RecursionError):
        check(value)
