"""The public API changes on purpose alone."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.public_api import LISTING, MODULES, lines


def test_the_public_api_is_what_is_listed() -> None:
    """Names, parameters, annotations, defaults, codes and the command line's options."""
    assert [*lines()] == LISTING.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_has_what_it_lists(module: str) -> None:
    """Each name in __all__ is there, once, and is what dir shows."""
    public = import_module(module)
    assert all(hasattr(public, name) for name in public.__all__)
    assert len(set(public.__all__)) == len(public.__all__)
    assert set(public.__all__) <= set(dir(public))
