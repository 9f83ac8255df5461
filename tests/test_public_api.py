"""The public API changes only on purpose."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.support.public_api import IMPORTABLE, LISTING, lines


def test_the_public_api_equals_the_listing() -> None:
    """It covers names, signatures, codes, and the options of the command line."""
    assert [*lines()] == LISTING.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("module", IMPORTABLE)
def test_every_name_in_all_exists_once(module: str) -> None:
    """dir() shows it too."""
    public = import_module(module)
    assert all(hasattr(public, name) for name in public.__all__)
    assert len(set(public.__all__)) == len(public.__all__)
    assert set(public.__all__) <= set(dir(public))
