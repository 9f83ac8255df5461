"""The built documentation looks right in Chromium, and has every public name.

The session `docs` builds it in docs/_build and runs these tests.
"""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILT = ROOT / "docs" / "_build"
# The search page and the index are Sphinx's own.
GENERATED = {"genindex.html", "search.html"}
MAX_HEIGHT = 20_000
# Dramatiq calls these.
CALLED_BY_OTHERS = re.compile(r"jobstatus\.queues\.dramatiq\.PublishMiddleware\.(before|after)_\w+")
# These have only the members of Store.
STORES = ("jobstatus.stores.PostgresStore.", "jobstatus.stores.SqliteStore.")
# It is the same class as jobstatus.Payload.
PAYLOAD = "jobstatus.codec.Payload."
# A module, a class or a function with one leading underscore.
PRIVATE = re.compile(r"\bjobstatus(?:\.\w+)*\._(?!_)\w+")
# Their base class documents `args`.
ARGS = re.compile(r"jobstatus\.(errors|follow)\.\w+Error\.args")

pytestmark = pytest.mark.skipif(
    not (BUILT / "objects.inv").is_file(), reason="needs the built documentation: nox -s docs"
)


def pages() -> list[str]:
    """Return the paths of all pages in the folder of the build."""
    return sorted(path.relative_to(BUILT).as_posix() for path in BUILT.rglob("*.html"))


def test_every_page_fits_the_window(chromium: str) -> None:
    """At the width of a desktop and of a phone, in light and dark, and without errors."""
    command = ["node", str(HERE / "site.mjs"), chromium, str(BUILT), ""]
    done = subprocess.run(
        [*command, *pages()], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    seen: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(seen) == 4 * len(pages()) > 100
    assert [page for page in seen if page["errors"]] == []
    assert [page for page in seen if page["overflow"] > 0] == []
    assert {page["name"] for page in seen if page["headings"] != 1} <= {"search.html"}
    assert [page for page in seen if page["buttons"]] == []
    assert {page["version"] for page in seen} == {f"jobstatus {version('jobstatus')}"}
    desktop = [page for page in seen if page["width"] == 1280 and page["name"] not in GENERATED]
    assert [page for page in desktop if page["height"] > MAX_HEIGHT] == []
    for page in seen:
        brightness = sum(map(int, re.findall(r"\d+", page["ground"])[:3])) / 3
        assert (brightness > 127) is (page["scheme"] == "light")


def targets() -> dict[str, str]:
    """Return the address of each Python name in the inventory of the built documentation."""
    data = (BUILT / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(data).decode().splitlines()
    found = re.findall(r"^(\S+) py:\w+ \S+ (\S+) ", "\n".join(lines), re.MULTILINE)
    return {name: address.replace("$", name) for name, address in found}


def public_names() -> Iterator[str]:
    """Yield the full name of each public name and each member in tests/public_api.txt."""
    module = owner = ""
    for line in (ROOT / "tests" / "public_api.txt").read_text(encoding="utf-8").splitlines():
        depth = len(line) - len(line.lstrip())
        if line.startswith("python -m"):
            return
        if depth == 0:
            module = line
        elif alias := re.fullmatch(r"  \w+ is (\S+)", line):
            yield alias[1]
        elif name := re.match(r" +(?:class )?(\w+)", line):
            if depth == 2:
                owner = f"{module}.{name[1]}"
                yield owner
            elif name[1] != "__init__":
                yield f"{owner}.{name[1]}"


def test_every_public_name_has_an_anchor() -> None:
    """Members have one, too. It exists on the page that the inventory names."""
    known = targets()
    wanted = {
        name
        for name in public_names()
        if not name.startswith((*STORES, PAYLOAD))
        and not CALLED_BY_OTHERS.fullmatch(name)
        and not ARGS.fullmatch(name)
    } | {"jobstatus.errors.JobStatusError.args"}
    assert len(wanted) > 300
    assert sorted(wanted - known.keys()) == []
    texts: dict[str, str] = {}
    for name in wanted:
        page, _, anchor = known[name].partition("#")
        text = texts.setdefault(page, (BUILT / page).read_text(encoding="utf-8"))
        assert f'id="{anchor}"' in text, name


@pytest.mark.parametrize("name", pages())
def test_no_page_shows_a_private_module(name: str) -> None:
    """It is not in the text, in a title or in a link."""
    text = (BUILT / name).read_text(encoding="utf-8")
    assert PRIVATE.findall(text) == []
    assert PRIVATE.findall(re.sub(r"<[^>]*>", "", text)) == []
