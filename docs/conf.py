"""Sphinx's configuration."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Final, get_args

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from jobstatus import STANDARD, Codec, JobState, StateName
from jobstatus.codec import Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.errors import ProblemCode
from jobstatus.history import FindingCode

HERE = Path(__file__).parent

project = "jobstatus"
author = "The jobstatus authors"
copyright = "2026, the jobstatus authors"
release = version = installed("jobstatus")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
autodoc_mock_imports = ["celery", "dramatiq", "fastapi", "rq", "starlette"]
exclude_patterns = ["_build", "node_modules"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3

nitpicky = True
# Other projects' names, because their inventories are not fetched, and names in docstrings that are
# not objects, such as arguments.
nitpick_ignore_regex = [
    (
        "py:class",
        r"(attrs|cattrs|celery|collections|datetime|dramatiq|fastapi|hypothesis|starlette|os|rq|typing)\..+",
    ),
    ("py:class", r"jobstatus\.queues\..*(BullmqJob|CeleryResult|RqJob|T)|P"),
    ("py:obj", r".+"),
]
default_role = "py:obj"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autoclass_content = "class"
napoleon_use_ivar = True
napoleon_preprocess_types = False

html_theme = "furo"
html_title = "jobstatus"
pygments_dark_style = "github-dark"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_domain_indices = False


def literal(alias: object) -> str:
    """Return how autodoc shows a Literal."""
    return f"~typing.Literal[{', '.join(map(repr, get_args(alias)))}]"


DATE = "~datetime.datetime"
NAMES = "~jobstatus._states.JobState | ~jobstatus.StateName"
TABLE = f"~jobstatus.lifecycle.SupportsItems[{NAMES}, ~collections.abc.Iterable[{NAMES}]]"
STRATEGY = "~hypothesis.strategies.SearchStrategy"
# How autodoc shows resolved types and defaults, and how a caller would write them.
RESOLVED: Final = {
    literal(StateName): "~jobstatus.StateName",
    repr(STANDARD): "STANDARD",
    repr(Codec()): "Codec()",
    literal(ProblemCode): "~jobstatus.errors.ProblemCode",
    literal(FindingCode): "~jobstatus.history.FindingCode",
    **{
        f"~typing.Literal[JobState.{state.name}]": f"~jobstatus.{state.title()}"
        for state in JobState
    },
    TABLE: "~jobstatus.lifecycle.Table",
    "str | bytes | bytearray | memoryview": "~jobstatus.codec.Document",
    "~typing.Literal[_Nothing.NOTHING]": "~attrs.NothingType",
    "~jobstatus._status.ActiveJob": "~typing.Self",
    "~jobstatus.stores._work.T": "~typing.Any",
}
# The same for names that autodoc does not resolve.
UNRESOLVED: Final = {
    "Collection": "~collections.abc.Collection",
    "Converter": "~cattrs.Converter",
    "Dates": literal(Dates),
    "Ids": literal(Ids),
    "Numbers": literal(Numbers),
    "States": "Mapping[str, ~jobstatus.JobState | ~jobstatus.StateName]",
    "Document": "~jobstatus.codec.Document",
    "History": "list[~jobstatus.JobStatus]",
    "Iterable": "~collections.abc.Iterable",
    "Mapping": "~collections.abc.Mapping",
    "Null": literal(Null),
    "OptionalDates": f"{STRATEGY}[{DATE} | None]",
    "OptionalNumbers": f"{STRATEGY}[float | None]",
    "OptionalTexts": f"{STRATEGY}[str | None]",
    "ReportedProblem": "tuple[str, ~jobstatus.errors.ProblemCode]",
    "Texts": f"{STRATEGY}[str]",
    "UnknownKeys": literal(UnknownKeys),
    "datetime": DATE,
    "st.SearchStrategy": STRATEGY,
}
NAME = re.compile(rf"(?<![\w.~])({'|'.join(map(re.escape, UNRESOLVED))})(?![\w.])")


def as_written(text: str) -> str:
    """Return a part of a signature as a caller would write it."""
    for resolved, short in RESOLVED.items():
        text = text.replace(resolved, short)
    text = re.sub(r"(~jobstatus\.(?:[a-z]\w+\.)?)(?:_\w+\.)+", r"\1", text)
    return NAME.sub(lambda name: UNRESOLVED[name[1]], text)


def shorten(*event: Any) -> tuple[str | None, str | None]:
    """Show signatures as a caller would write them."""
    *_, signature, returns = event
    return signature and as_written(signature), returns and as_written(returns)


def link_docstring(*event: Any) -> None:
    """Link the pages that a docstring names by their files, and show its types as signatures do."""
    lines: list[str] = event[-1]
    for number, line in enumerate(lines):
        if line.startswith(":vartype"):
            full = re.sub(r"\b(?=(collections|jobstatus)\.)", "~", line)
            lines[number] = as_written(full.replace(" Literal[", " ~typing.Literal["))
        else:
            linked = re.sub(r"`+docs/([\w/-]+)\.md`+", r":doc:`\1`", line)
            full_name = r"`jobstatus.\1 <jobstatus.lifecycle.\1>`"
            lines[number] = re.sub(r"`jobstatus\.(STANDARD)`", full_name, linked)


def rename(*event: Any) -> None:
    """Title lists of attributes "Attributes", and hide private modules in the titles of links."""
    doctree: nodes.document = event[1]
    for name in doctree.findall(nodes.field_name):
        if name.astext() == "Variables":
            name[:] = [nodes.Text("Attributes")]
    for reference in doctree.findall(nodes.reference):
        if "reftitle" in reference:
            reference["reftitle"] = re.sub(r"\._\w+", "", reference["reftitle"])


def break_names(*event: Any) -> None:
    """Allow line breaks after underscores in tables, because long names don't fit on a phone."""
    doctree: nodes.document = event[1]
    for entry in doctree.findall(nodes.entry):
        for text in list(entry.findall(nodes.Text)):
            first, *others = re.split(r"(?<=_)(?=\w)", text)
            parts: list[nodes.Node] = [nodes.Text(first)]
            for other in others:
                parts += [nodes.raw("", "<wbr>", format="html"), nodes.Text(other)]
            text.parent.replace(text, parts)


def link_files(*event: Any) -> None:
    """Turn links between files of the repository into links to their pages, if there are any."""
    content: list[str] = event[-1]

    def link(match: re.Match[str]) -> str:
        target = match[1]
        page = f"{target.removesuffix('.md').lower()}.md"
        return f"](docs/{page if (HERE / page).is_file() else f'../{target}'})"

    content[0] = re.sub(r"\]\((?!\w+:|#|docs/)([^)]+)\)", link, content[0])


class Diagram(SphinxDirective):
    """A Mermaid state diagram, drawn as SVG at build time, so pages need no script."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        drawn = subprocess.run(
            ["node", HERE / "draw.mjs"],
            check=True,
            input="\n".join(self.content),
            stdout=subprocess.PIPE,
            text=True,
        )
        figure = f'<figure class="lifecycle">{drawn.stdout}</figure>'
        return [nodes.raw("", figure, format="html")]


def setup(app: Sphinx) -> None:
    """Register the directive and the event handlers."""
    # Show one signature for each function: the definition, without its overloads.
    for module in ("jobstatus._status", "jobstatus.codec"):
        analyzer = ModuleAnalyzer.for_module(module)
        analyzer.analyze()
        analyzer.overloads.clear()
    app.add_directive("mermaid", Diagram)
    app.connect("autodoc-process-signature", shorten)
    app.connect("autodoc-process-docstring", link_docstring)
    app.connect("doctree-resolved", rename)
    app.connect("doctree-resolved", break_names)
    app.connect("include-read", link_files)
