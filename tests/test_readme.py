"""The README shows real output, and a package index can show its description."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from pydantic import AwareDatetime, BaseModel
from readme_renderer import markdown
from typer.testing import CliRunner

from jobstatus import JobStatus
from jobstatus.cli import app
from tests.support.workers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
# The type of code blocks on PyPI is 13.6 pixels high, so 800 pixels have room for this many
# characters and the padding.
WIDTH = 92


class Page(HTMLParser):
    """What a package index shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the tag, and its target if it has one."""
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


@pytest.fixture(scope="module")
def description() -> str:
    """Return the description in the metadata of the package."""
    return str(ProjectMetadata(str(ROOT), PluginManager()).core.readme)


@pytest.fixture(scope="module")
def shown(description: str) -> Page:
    """Render the description as PyPI does."""
    html = markdown.render(description)
    assert html is not None
    return Page(html)


def test_the_readme_has_the_two_commands_that_ci_runs() -> None:
    """The first checks the file of orders, and the second runs the tests with coverage."""
    joined = README.replace("\\\n", "")
    run, test = re.findall(r"^python3 -m venv .*$", joined, re.MULTILINE)
    assert ".venv/bin/jobstatus check examples/orders.ndjson" in run
    assert " -m pytest --cov" in test


def test_the_findings_in_the_readme_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the line breaks are added, and the first command accepts the exit code."""
    (block,) = re.findall(r"^```text\n\$ jobstatus (.+)\n([^`]+)```", README, re.MULTILINE)
    command, output = block
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, command.split(), env={"FORCE_COLOR": None, "NO_COLOR": "1"})
    assert done.exit_code == 1
    assert output.split() == done.stdout.split()


def test_pydantic_writes_what_the_readme_says() -> None:
    """By default, its JSON differs from JavaScript's in three places."""

    class Model(BaseModel):
        progress: float
        estimated: AwareDatetime
        error: str | None = None

    moment = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
    written = Model(progress=50, estimated=moment).model_dump_json()
    assert '"progress":50.0' in written
    assert '.123000Z"' in written
    assert '"error":null' in written
    ours = JobStatus("a", "processing", progress=50, estimated_completion=moment).to_json()
    assert '"progress":50,' in ours
    assert '.123Z"' in ours
    assert "error" not in ours


def test_each_feature_links_to_a_page_with_executed_examples() -> None:
    """A page has Python code, or a command with its output."""
    pages = re.findall(r"^\| .+ \| \[.+\]\((docs/.+\.md)\) \|$", README, re.MULTILINE)
    assert len(pages) > 10
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert re.search(r"^```(python|console)$", text, re.MULTILINE), page


def test_a_package_index_shows_the_whole_description(description: str, shown: Page) -> None:
    """It has the parts of the README for users, with the table of features as a table."""
    assert {"h1", "h2", "pre", "table", "ul"} <= set(shown.tags)
    for part in (
        "interface JobStatus",
        "[outcome_replaced]",
        "pip install jobstatus",
        "A store in",
    ):
        assert part in description
        assert part in shown.text
    assert "Try it from a clone" not in shown.text


def test_a_package_index_shows_no_dead_link(shown: Page) -> None:
    """A path in the repository, or an image of it, leads nowhere there."""
    assert [target for target in shown.targets if not target.startswith(("https://", "#"))] == []
    assert "](" not in shown.text


def test_a_package_index_shows_no_markup(shown: Page) -> None:
    """It draws no diagrams, and shows no comments."""
    for markup in ("mermaid", "stateDiagram", "<!--", "```", "{literalinclude}"):
        assert markup not in shown.text


def test_no_line_of_the_description_overflows(description: str) -> None:
    """Lines of code are not wrapped, and neither are long words."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", description, re.MULTILINE | re.DOTALL)
    assert blocks
    lines = [line for block in blocks for line in block.splitlines()]
    assert [line for line in lines if len(line) > WIDTH] == []
    text = re.sub(r"^```.*?^```", "", description, flags=re.MULTILINE | re.DOTALL)
    assert [word for word in text.split() if len(word) > WIDTH // 2] == []
