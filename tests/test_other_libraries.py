"""Libraries that read annotations at run time can use every public function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import pytest
from beartype import beartype
from beartype.roar import BeartypeCallHintParamViolation
from hypothesis.extra import ghostwriter

from jobstatus import Codec, JobStatus
from tests.support.public_api import IMPORTABLE

write_test = cast("Callable[[Callable[..., Any]], str]", ghostwriter.fuzz)  # pyright: ignore[reportUnknownMemberType]  # a bare Callable

FUNCTIONS: list[Callable[..., Any]] = [
    value
    for module in map(import_module, IMPORTABLE)
    for value in (getattr(module, name) for name in module.__all__)
    if inspect.isfunction(value)
]


def test_beartype_checks_the_arguments_of_a_reader() -> None:
    """It resolves the annotations of methods too."""
    read = beartype(JobStatus.from_payload)
    assert read({"id": "a", "status": "queued"}) == JobStatus.queued("a")
    wrong: Any = 5
    with pytest.raises(BeartypeCallHintParamViolation, match="parameter payload=5"):
        read(wrong)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_beartype_wraps_every_public_function(function: Callable[..., Any]) -> None:
    """It raises an error for an annotation that it cannot resolve."""
    assert beartype(function) is not function


@pytest.mark.parametrize(
    "function",
    [
        *(
            function
            for function in FUNCTIONS
            if inspect.signature(function).parameters
            # It raises ValueError for the type of `authorize`.
            and not function.__module__.startswith("jobstatus.fastapi")
        ),
        JobStatus.from_json,
        JobStatus.from_payload,
    ],
)
def test_ghostwriter_writes_a_test_of_every_public_function(function: Callable[..., Any]) -> None:
    """It finds a strategy for each argument."""
    source = write_test(function)
    compile(source, "ghostwritten", "exec")
    assert "st.nothing()" not in source


def test_a_test_by_ghostwriter_draws_documents() -> None:
    """Text and all kinds of bytes."""
    assert "data=st.one_of(" in write_test(Codec.decode)
