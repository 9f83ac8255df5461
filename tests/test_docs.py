"""The documentation says what the code does."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import get_args

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.store_machines import OverwritingStoreMachine
from jobstatus import (
    RETRYING,
    STANDARD,
    Codec,
    JobStatus,
    JobStatusError,
    Lifecycle,
    strategies,
)
from jobstatus._effects import EFFECTS
from jobstatus.errors import ProblemCode
from jobstatus.history import SEVERITIES, merge
from tests.node import deviations
from tests.public_api import MODULES

DOCS = Path(__file__).parent.parent / "docs"
ARC = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def table(name: str, first: str) -> list[list[str]]:
    """Return the rows of the tables of a page whose first column has a heading."""
    rows: list[list[str]] = []
    inside = False
    for line in page(name).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        inside = line.startswith("|") and (inside or cells[0] == first)
        if inside and cells[0] != first and cells[0].strip("-:"):
            rows.append(cells)
    return rows


# Of the page on errors: the code, its meaning, an example and what to do.
CODES: list[tuple[str, str, str, str]] = re.findall(
    r"^### `(\w+)`\n\n((?:.+\n)+)\n- Example: `(.+)`\n- What to do: (.+)$",
    page("errors"),
    re.MULTILINE,
)


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING])
def test_the_diagram_is_the_codes(lifecycle: Lifecycle) -> None:
    """The lifecycle page shows what to_mermaid gives."""
    assert f"```mermaid\n{lifecycle.to_mermaid()}```" in page("lifecycle")


def test_every_arc_has_its_reason() -> None:
    """The tables of arcs are those of STANDARD, then what RETRYING adds."""
    standard = [list(arc) for arc in ARC.findall(STANDARD.to_mermaid())]
    retrying = [list(arc) for arc in ARC.findall(RETRYING.to_mermaid())]
    added = [arc for arc in retrying if arc not in standard]
    assert table("lifecycle", "from") == standard + added
    assert all(reason for *_, reason in standard + added)


def test_the_table_of_effects_is_the_codes() -> None:
    """What entering a state does to each field."""
    assert table("lifecycle", "entering") == [
        [state, *(effect.value for effect in effects.values())]
        for state, effects in EFFECTS.items()
    ]


def test_every_code_is_documented_once() -> None:
    """With its meaning, an example, and what to do."""
    assert sorted(code for code, *_ in CODES) == sorted(get_args(ProblemCode))
    assert all(all(part.strip() for part in parts) for parts in CODES)


@pytest.mark.parametrize(("code", "example"), [(code, example) for code, _, example, _ in CODES])
def test_every_example_of_a_code_has_that_code(code: str, example: str) -> None:
    """And no other; a document is decoded, an expression evaluated."""
    job = JobStatus("a", "processing")
    names = {"JobStatus": JobStatus, "Lifecycle": Lifecycle, "merge": merge}
    scope = names | {"Codec": Codec, "job": job}

    def run() -> None:
        value = eval(example, scope)  # noqa: S307 - our own documentation
        Codec(unknown_keys="reject").decode(value)

    with pytest.raises(JobStatusError) as refused:
        run()
    problems = getattr(refused.value, "problems", [refused.value])
    assert [problem.code for problem in problems] == [code]


def test_every_finding_is_documented_once() -> None:
    """With its severity, and what to look for."""
    documented = [row[:2] for row in table("histories", "code")]
    assert documented == [[f"`{code}`", severity] for code, severity in SEVERITIES.items()]
    assert all(all(row) for row in table("histories", "code"))


def test_every_option_of_the_codec_is_in_the_table_of_reading() -> None:
    """Each is named where the question is that it answers."""
    options = " ".join(row[-1] for row in table("wire-format", "question"))
    assert re.findall(r"`(\w+)", options) == [
        field.name
        for name in ("max_depth", "null", "unknown_keys", "dates")
        for field in attrs.fields(Codec)
        if field.name == name
    ]
    assert len(attrs.fields(Codec)) == 4


def test_the_golden_file_is_explained_to_the_last_byte() -> None:
    """The table has the bytes of the file, as text or in hexadecimal, and their places."""
    golden = (DOCS.parent / "tests/golden/v1/all.json").read_bytes()
    explained = b""
    for start, shown, *_ in table("wire-format", "from"):
        text = shown.strip("`")
        assert int(start) == len(explained)
        is_hex = re.fullmatch("[0-9a-f]{2}( [0-9a-f]{2})+", text)
        explained += bytes.fromhex(text) if is_hex else text.encode()
    assert explained == golden


def test_the_deviations_are_those_that_are_compared_with_node() -> None:
    """Each row is one of tests/node/deviations.py, and gives its reason."""
    rows = table("wire-format", "what")
    assert [what for what, _ in rows] == [deviations.NESTING, *deviations.DATES, deviations.NUMBER]
    assert all(why for _, why in rows)


@pytest.mark.parametrize("path", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=str)
def test_every_link_to_a_page_leads_somewhere(path: Path) -> None:
    """Relative links name files that are there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).is_file(), target


def test_every_public_name_is_on_the_page_of_the_api() -> None:
    """By itself, or with its whole module."""
    api = page("api")
    shown = set(re.findall(r"\w+", api))
    for module in map(import_module, re.findall(r"automodule:: (\S+)", api)):
        shown |= set(module.__all__)
    public = {name for path in MODULES for name in import_module(path).__all__}
    assert public - shown == set()


def test_the_pythons_are_those_of_the_package() -> None:
    """The page on compatibility promises what the classifiers do."""
    (promised,) = re.findall(
        r"^\*\*Python\.\*\* CPython (.+?)\. The tests", page("compatibility"), re.MULTILINE
    )
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classified = re.findall(r":: (3\.\d+)", " ".join(project["classifiers"]))
    assert re.findall(r"3\.\d+", promised) == classified


def test_the_readme_has_the_two_commands_that_ci_runs() -> None:
    """.ci/run takes the lines that begin so; the second is the tests with their coverage."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    run, test = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    assert run.endswith(".venv/bin/python -m jobstatus check examples/exchange.ndjson")
    assert " -m pytest --cov" in test


def test_the_readme_has_the_diagram() -> None:
    """The same as the lifecycle page."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{STANDARD.to_mermaid()}```" in readme


def test_every_strategy_is_in_the_table() -> None:
    """The page on testing names all."""
    named = [
        name.strip("`") for names, _ in table("testing", "strategy") for name in names.split(", ")
    ]
    assert sorted(named) == [name for name in strategies.__all__ if name.islower()]


def test_the_story_of_the_overwriting_store_is_what_the_machine_tells() -> None:
    """The same complaint with the same jobs, and calls of the machine's rules."""
    shrunk = settings(max_examples=200, database=None, phases=[Phase.generate, Phase.shrink])
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(OverwritingStoreMachine, settings=shrunk)
    story = page("testing").partition("```text\nAssertionError: ")[2].partition("```")[0]
    told, _, calls = story.partition("\n\n")
    names = [line.partition(":")[0] for line in str(failed.value).splitlines()[:5]]
    assert [line.partition(":")[0] for line in told.splitlines()] == names
    for call in re.findall(r"state\.(\w+)\(", calls):
        assert callable(getattr(OverwritingStoreMachine, call))
