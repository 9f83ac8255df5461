"""The demo shows its jobs in Chromium."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Start the demo with a fast worker, and return its address."""
    command = [sys.executable, "-m", "examples.demo", "--port", "0", "--seconds", "0.01"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as demo:
        assert demo.stdout is not None
        yield demo.stdout.readline().strip()
        demo.terminate()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_shows_jobs_that_complete_fail_and_are_cancelled(
    chromium: str, url: str, width: int, scheme: str, tmp_path: Path
) -> None:
    """At the width of a desktop and of a phone, in light and dark."""
    picture = tmp_path / "demo.png"
    command = ["node", str(HERE / "demo.mjs"), chromium, url, str(width), scheme, str(picture)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["errors"] == []
    assert seen["overflow"] <= 0
    assert seen["progress"] == sorted(seen["progress"])
    assert len(set(seen["progress"])) > 2
    assert seen["completed"].split("\n")[0] == "completed"
    assert "100 %" in seen["completed"]
    assert "page 60 is damaged" in seen["failed"]
    assert "cancelled" in seen["cancelled"]
    assert seen["buttons"] == 0
    brightness = sum(map(int, seen["ground"][4:-1].split(", "))) / 3
    assert (brightness > 127) is (scheme == "light")
    assert picture.stat().st_size > 5_000
