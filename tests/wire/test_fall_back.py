"""When the fast path falls back, it passes the document on unchanged."""

from __future__ import annotations

from types import ModuleType
from unittest.mock import Mock

import pytest

from jobstatus import Codec
from jobstatus._wire import _msgspec, _pattern

CODEC = Codec(null="absent")
DOCUMENT = '{"id":"a","status":"queued"}'
BAD_DATE = '{"id":"a","status":"queued","estimatedCompletion":"2026-02-30T00:00:00.000Z"}'


@pytest.mark.parametrize("module", [_pattern, _msgspec], ids=["json", "msgspec"])
@pytest.mark.parametrize("data", ["", "{}", "[{}]", b"\xff", None, BAD_DATE, f"[{BAD_DATE}]"])
@pytest.mark.parametrize("name", ["make_decode", "make_decode_array"])
def test_the_slow_path_gets_the_same_document_and_policy(
    name: str, data: str | bytes | None, module: ModuleType
) -> None:
    """The caller gets exactly the result that the slow path returns."""
    slow = Mock()
    decode = getattr(module, name)(slow)
    assert decode(data, CODEC) is slow.return_value
    slow.assert_called_once_with(data, CODEC)


@pytest.mark.parametrize("module", [_pattern, _msgspec], ids=["json", "msgspec"])
def test_an_array_falls_back_if_the_maximum_depth_is_one(module: ModuleType) -> None:
    """An array of objects has two levels, so the slow path must report it as too deep."""
    slow, shallow = Mock(), Codec(max_depth=1)
    assert module.make_decode_array(slow)(f"[{DOCUMENT}]", shallow) is slow.return_value
    slow.assert_called_once_with(f"[{DOCUMENT}]", shallow)
