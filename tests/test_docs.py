"""The documentation agrees with the code."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
import typer
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.store_machines import OverwritingStoreMachine
from jobstatus import (
    RETRYING,
    STANDARD,
    Codec,
    JobState,
    JobStatus,
    JobStatusError,
    Lifecycle,
    Payload,
    strategies,
)
from jobstatus.cli import app
from jobstatus.cli._codes import EXPLANATIONS, Explanation
from jobstatus.contract import sql
from jobstatus.errors import ProblemCode
from jobstatus.history import SEVERITIES, merge
from jobstatus.lifecycle import EFFECTS
from jobstatus.stores import Version
from tests.node import deviations
from tests.support.public_api import IMPORTABLE

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WORKFLOWS = ROOT / ".github" / "workflows"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MULTILINE_ALL: Final = re.MULTILINE | re.DOTALL
ARC = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)


def page(name: str) -> str:
    """Return the text of a page in docs."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def table(name: str, first: str) -> list[list[str]]:
    """Return the rows of all tables on a page whose first column has this heading."""
    rows: list[list[str]] = []
    inside = False
    for line in page(name).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        inside = line.startswith("|") and (inside or cells[0] == first)
        if inside and cells[0] != first and cells[0].strip("-:"):
            rows.append(cells)
    return rows


# Each code on the page on errors: its name, its meaning, an example and the remedy.
CODES: list[tuple[str, str, str, str]] = re.findall(
    r"^### `(\w+)`\n\n((?:.+\n)+)\n- Example: `(.+)`\n- What to do: ((?:.+\n)+)",
    page("errors"),
    re.MULTILINE,
)


@pytest.mark.parametrize("lifecycle", [STANDARD, RETRYING])
def test_the_diagrams_equal_to_mermaid(lifecycle: Lifecycle) -> None:
    """The lifecycle page shows both lifecycles."""
    assert f"```mermaid\n{lifecycle.to_mermaid()}```" in page("lifecycle")


def test_the_table_of_transitions_equals_the_lifecycles() -> None:
    """It has the rows of STANDARD, then those that RETRYING adds, each with its reason."""
    standard = [list(arc) for arc in ARC.findall(STANDARD.to_mermaid())]
    retrying = [list(arc) for arc in ARC.findall(RETRYING.to_mermaid())]
    added = [arc for arc in retrying if arc not in standard]
    assert table("lifecycle", "from") == standard + added
    assert all(reason for *_, reason in standard + added)


def test_the_table_of_effects_equals_the_code() -> None:
    """Its cells are the effect of each state on each field."""
    assert table("lifecycle", "entering") == [
        [state, *(effect.summary for effect in effects.values())]
        for state, effects in EFFECTS.items()
    ]


def test_every_problem_code_is_documented_once() -> None:
    """Each has a meaning, an example and a remedy."""
    assert sorted(code for code, *_ in CODES) == sorted(get_args(ProblemCode))
    assert all(all(part.strip() for part in parts) for parts in CODES)


@pytest.mark.parametrize(("code", "example"), [(code, example) for code, _, example, _ in CODES])
def test_the_example_of_a_problem_code_has_only_that_code(code: str, example: str) -> None:
    """A document is decoded, and an expression evaluated."""
    job = JobStatus("a", "processing")
    names = {"JobStatus": JobStatus, "Lifecycle": Lifecycle, "Version": Version, "merge": merge}
    scope = names | {"Codec": Codec, "job": job}

    def run() -> None:
        value = eval(example, scope)  # noqa: S307 - our own documentation
        Codec(unknown_keys="reject").decode(value)

    with pytest.raises(JobStatusError) as rejected:
        run()
    problems = getattr(rejected.value, "problems", [rejected.value])
    assert [problem.code for problem in problems] == [code]


def test_the_page_on_the_command_has_every_flag() -> None:
    """It has the flags of the command and of each subcommand."""
    group: Any = typer.main.get_command(app)
    commands = [group, *group.commands.values()]
    flags = {
        flag
        for command in commands
        for parameter in command.params
        if parameter.param_type_name == "option"
        for flag in (*parameter.opts, *parameter.secondary_opts)
    }
    assert {flag for flag in flags if flag not in page("command")} == {"--show-completion"}


def plain(text: str) -> str:
    """Return a text on one line and without its links."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", " ".join(text.split()))


def test_the_command_explains_problems_with_the_words_of_the_page() -> None:
    """The meaning, the example and the advice are the same."""
    documented = {
        code: Explanation(plain(meaning), plain(advice), example)
        for code, meaning, example, advice in CODES
    }
    assert documented == {code: EXPLANATIONS[code] for code in get_args(ProblemCode)}


def test_the_command_explains_findings_with_the_words_of_the_page() -> None:
    """The meaning and the advice are the same."""
    documented = {
        code.strip("`"): Explanation(plain(meaning), plain(advice))
        for code, _, meaning, advice in table("histories", "code")
    }
    assert documented == {code: EXPLANATIONS[code] for code in SEVERITIES}


def test_every_finding_is_documented_once() -> None:
    """Each has its severity, and advice."""
    documented = [row[:2] for row in table("histories", "code")]
    assert documented == [[f"`{code}`", severity] for code, severity in SEVERITIES.items()]
    assert all(all(row) for row in table("histories", "code"))


def test_the_table_of_policies_has_every_option_of_the_codec() -> None:
    """Each option is in the row of the question that it decides."""
    options = " ".join(row[-1] for row in table("wire-format", "question"))
    assert re.findall(r"`(\w+)", options) == [
        field.name
        for name in (
            *("max_depth", "max_problems", "null", "unknown_keys", "unknown_keys"),
            *("ids", "states", "numbers"),
            *("dates", "dates", "dates"),
        )
        for field in attrs.fields(Codec)
        if field.name == name
    ]
    assert len(attrs.fields(Codec)) == 8


def test_the_example_of_the_wire_format_is_complete() -> None:
    """The table has each byte of the golden file, as text or hexadecimal, with its position."""
    golden = (DOCS.parent / "tests/golden/v1/all.json").read_bytes()
    explained = b""
    for start, shown, *_ in table("wire-format", "position"):
        text = shown.strip("`")
        assert int(start) == len(explained)
        is_hex = re.fullmatch("[0-9a-f]{2}( [0-9a-f]{2})+", text)
        explained += bytes.fromhex(text) if is_hex else text.encode()
    assert explained == golden


def test_the_documented_deviations_are_those_tested_with_node() -> None:
    """Each row is in tests/node/deviations.py, and gives its reason."""
    rows = table("wire-format", "rejected input")
    assert [rejected for rejected, _ in rows] == [
        deviations.NESTING,
        *deviations.DATES,
        deviations.NUMBER,
    ]
    assert all(reason for _, reason in rows)


@pytest.mark.parametrize(
    "path",
    [
        DOCS.parent / "README.md",
        DOCS.parent / "CONTRIBUTING.md",
        *sorted(DOCS.glob("*.md")),
        *sorted(DOCS.glob("integrations/*.md")),
        *sorted(DOCS.glob("api/*.md")),
        *sorted(DOCS.glob("maintainers/*.md")),
    ],
    ids=str,
)
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    """This covers the README, CONTRIBUTING.md and all pages."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).is_file(), target


def reference() -> str:
    """Return the text of all pages of the API reference."""
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("api/*.md"))


def test_the_entry_of_the_reference_lists_every_module() -> None:
    """It has a line for each, except the modules of single queues."""
    listed = re.findall(r"^\| \[(\S+)\]", page("api"), re.MULTILINE)
    assert {path for path in IMPORTABLE if not path.startswith("jobstatus.queues.")} <= {*listed}


def test_the_reference_has_every_public_name() -> None:
    """It has the name itself, or the whole module. tests/browser/test_site.py looks for members."""
    text = reference()
    missing: dict[str, set[str]] = {}
    for path in IMPORTABLE:
        public = set(import_module(path).__all__)
        shown = set(re.findall(rf"(?::: |\}} |<){path}\.(\w+)", text))
        # The names of other modules that this one has, too.
        links = re.findall(r"<(jobstatus\.\w+)\.(\w+)>", text) if path == "jobstatus" else []
        shown |= {name for _, name in links}
        if whole := re.search(rf"automodule:: {path}\n(?:   \S.*\n(?:      \S.*\n)*)*", text):
            left_out = set(re.findall(r"\w+", whole[0].partition(":exclude-members:")[2]))
            shown |= public - left_out
            shown |= set(re.findall(r"\{py:data\} (\w+)$", text, re.MULTILINE))
        missing[path] = public - shown
    assert {path: names for path, names in missing.items() if names} == {}


def test_the_reference_lists_the_values_of_every_literal() -> None:
    """Each alias has a table of its values, in the order of the code."""
    text = reference()
    aliases = {
        name: value
        for path in IMPORTABLE
        for name, value in vars(import_module(path)).items()
        if name in import_module(path).__all__ and get_origin(value) is Literal
        if all(type(each) is str for each in get_args(value))
    }
    assert len(aliases) > 8
    for name, alias in aliases.items():
        (block,) = re.findall(rf"^:::{{py:data}} (?:\S+\.)?{name}$(.+?)^:::$", text, MULTILINE_ALL)
        values = re.findall(r'^\| \[?`"(\w+)"`', block, re.MULTILINE)
        assert values == [*get_args(alias)], name


def test_the_reference_lists_the_states_and_the_keys_of_a_payload() -> None:
    """Both are in the order of the interface."""
    text = reference()
    members = re.findall(r"py:attribute:: ([A-Z]+)\n +:value: '(\w+)'", text)
    assert members == [(state.name, state.value) for state in JobState]
    keys = text.partition("autoclass:: jobstatus.Payload\n")[2].partition("```")[0]
    assert re.findall(r"py:attribute:: (\w+)", keys) == [*get_type_hints(Payload)]


def test_the_page_on_sql_lists_the_columns() -> None:
    """SQLite has the same columns in the same order, except the transaction of PostgreSQL."""
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in sql.tables("sqlite"):
            database.execute(statement)
        columns = [
            (f"`{name}`", f"`{kind}`")
            for table_name in ("jobs", "jobs_changes", "jobs_schema")
            for _, name, kind, *_ in database.execute(f"PRAGMA table_xinfo({table_name})")
        ]
    assert [(name, kind) for name, kind, *_ in table("sql", "column") if "`" in kind] == columns


def test_the_documented_python_versions_are_those_of_the_package() -> None:
    """The page on compatibility agrees with the classifiers."""
    (promised,) = re.findall(
        r"^\*\*Python\.\*\* CPython (.+?)\. The tests", page("compatibility"), re.MULTILINE
    )
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classified = re.findall(r":: (3\.\d+)", " ".join(project["classifiers"]))
    assert re.findall(r"3\.\d+", promised) == classified


def test_the_table_of_strategies_is_complete() -> None:
    """The page on testing names all."""
    named = [
        name.strip("`") for names, _ in table("testing", "strategy") for name in names.split(", ")
    ]
    assert sorted(named) == [name for name in strategies.__all__ if name.islower()]


def test_the_failure_on_the_page_on_testing_is_real() -> None:
    """JobStatusMachine reports the same fault and jobs, and the calls are its rules."""
    shrunk = settings(max_examples=200, database=None, phases=[Phase.generate, Phase.shrink])
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(OverwritingStoreMachine, settings=shrunk)
    story = page("testing").partition("```text\nAssertionError: ")[2].partition("```")[0]
    reported, _, calls = story.partition("\n\n")
    names = [line.partition(":")[0] for line in str(failed.value).splitlines()[:5]]
    assert [line.partition(":")[0] for line in reported.splitlines()] == names
    for call in re.findall(r"state\.(\w+)\(", calls):
        assert callable(getattr(OverwritingStoreMachine, call))


def test_every_test_that_the_contributing_guide_names_exists() -> None:
    """A new contributor looks for it."""
    named = set(re.findall(r"`(test_\w+)`", CONTRIBUTING))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("**/*.py")]
    assert named
    assert {name for name in named if not any(f"def {name}(" in text for text in sources)} == set()


@pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="the sdist has no workflows")
def test_every_path_that_the_contributing_guide_names_exists() -> None:
    """Without a directory, it is a module of the package or a file in the project."""
    named = set(re.findall(r"`([\w./*]+\.(?:py|md|ts|txt|yml))`", CONTRIBUTING))
    source = ROOT / "src"
    package = source / "jobstatus"
    roots = (ROOT, source, package, package / "strategies", WORKFLOWS)
    assert {name for name in named if not any(any(root.glob(name)) for root in roots)} == set()
