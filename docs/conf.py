"""Sphinx's configuration."""

from __future__ import annotations

import inspect
import re
import subprocess
from collections.abc import Callable
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Final, cast, get_args, get_overloads

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from jobstatus import STANDARD, Codec, StateName
from jobstatus.codec import Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.contract.sql import Dialect
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
    "sphinx_copybutton",
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
    (
        "py:class",
        r"jobstatus\.queues\..*(BullmqJob|CeleryResult|RqJob|T)|P|jobstatus\.strategies\.T",
    ),
    ("py:obj", r".+"),
]
default_role = "py:obj"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 76
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autoclass_content = "class"
napoleon_use_ivar = False  # each attribute gets an anchor
napoleon_preprocess_types = False

html_theme = "furo"
html_title = f"jobstatus {release}"
# Copy the commands, without their prompts and output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
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
    **{
        literal(alias): f"~jobstatus.codec.{name}"
        for name, alias in (
            ("Dates", Dates),
            ("Ids", Ids),
            ("Null", Null),
            ("Numbers", Numbers),
            ("UnknownKeys", UnknownKeys),
        )
    },
    repr(STANDARD): "STANDARD",
    repr(Codec()): "Codec()",
    literal(ProblemCode): "~jobstatus.errors.ProblemCode",
    literal(FindingCode): "~jobstatus.history.FindingCode",
    literal(Dialect): "~jobstatus.contract.sql.Dialect",
    "~typing.Literal['read', 'cancel']": "~jobstatus.fastapi.Action",
    TABLE: "~jobstatus.lifecycle.Table",
    f"~collections.abc.Mapping[str, {NAMES}]": "~jobstatus.codec.States",
    "str | bytes | bytearray | memoryview": "~jobstatus.codec.Document",
    "~typing.Literal[_Nothing.NOTHING]": "~attrs.NothingType",
    "~attr._make.Attribute": "~attrs.Attribute",
    "~jobstatus._status.ActiveJob": "~typing.Self",
    "~jobstatus.stores._work.T": "~typing.Any",
}
# The same for names that autodoc does not resolve.
UNRESOLVED: Final = {
    "Collection": "~collections.abc.Collection",
    "Converter": "~cattrs.Converter",
    "Dates": "~jobstatus.codec.Dates",
    "Ids": "~jobstatus.codec.Ids",
    "Numbers": "~jobstatus.codec.Numbers",
    "States": "~jobstatus.codec.States",
    "Document": "~jobstatus.codec.Document",
    "History": "list[~jobstatus.JobStatus]",
    "Iterable": "~collections.abc.Iterable",
    "Mapping": "~collections.abc.Mapping",
    "Null": "~jobstatus.codec.Null",
    "OptionalDates": f"{STRATEGY}[{DATE} | None]",
    "OptionalNumbers": f"{STRATEGY}[float | None]",
    "OptionalTexts": f"{STRATEGY}[str | None]",
    "ReportedProblem": "tuple[str, ~jobstatus.errors.ProblemCode]",
    "Texts": f"{STRATEGY}[str]",
    "UnknownKeys": "~jobstatus.codec.UnknownKeys",
    "datetime": DATE,
    "st.SearchStrategy": STRATEGY,
}
# The private names in the overloads of in_state, such as _QueuedName.
PRIVATE_NAME: Final = re.compile(r"\b_([A-Z]\w+)Name\b")
NAME = re.compile(rf"(?<![\w.~])({'|'.join(map(re.escape, UNRESOLVED))})(?![\w.])")


def as_states(literal: re.Match[str]) -> str:
    """Return a Literal of states as a union of the aliases that callers use."""
    names = literal[1].replace("JobState.", "").split(", ")
    return " | ".join(f"~jobstatus.{name.title()}" for name in names)


def as_written(text: str) -> str:
    """Return a part of a signature as a caller would write it."""
    for resolved, short in RESOLVED.items():
        text = text.replace(resolved, short)
    text = re.sub(r"~typing\.Literal\[(JobState\.[^]]+)\]", as_states, text)
    text = re.sub(r"(~jobstatus\.(?:[a-z]\w+\.)?)(?:_\w+\.)+", r"\1", text)
    return NAME.sub(lambda name: UNRESOLVED[name[1]], text)


class Written(str):
    """An annotation as the source has it, without quotes in a signature."""

    __slots__ = ()
    __repr__ = str.__str__


def written(function: object) -> list[str]:
    """Return the overloads of a function with the annotations of the source."""
    signatures: list[str] = []
    definition = cast("Callable[..., object]", function)
    defaults = inspect.signature(definition).parameters
    for overload in get_overloads(definition):
        signature = inspect.signature(overload)
        parameters = [
            each.replace(
                annotation=Written(each.annotation),
                # An overload may have an ellipsis as a default.
                default=defaults[each.name].default if each.default is ... else each.default,
            )
            for each in signature.parameters.values()
            if each.name != "self"
        ]
        returns = Written(signature.return_annotation)
        text = str(signature.replace(parameters=parameters, return_annotation=returns))
        signatures.append(PRIVATE_NAME.sub(_public, text))
    return signatures


def _public(name: re.Match[str]) -> str:
    return f"{name[1]} | ~typing.Literal['{name[1].lower()}']"


def shorten(*event: Any) -> tuple[str | None, str | None]:
    """Show signatures as a caller would write them, and each overload on a line of its own."""
    _, kind, path, function, _, signature, returns = event
    if kind in {"function", "method"} and (signatures := written(function)):
        # Sphinx takes the further lines of a directive's argument for signatures, too.
        name = ".".join(path.split(".")[-1 if kind == "function" else -2 :])
        return f"\n{' ' * 24}{name}".join(map(as_written, signatures)), None
    return signature and as_written(signature), returns and as_written(returns)


def link_docstring(*event: Any) -> None:
    """Link the pages that a docstring names by their files, and show its types as signatures do."""
    lines: list[str] = event[-1]
    attribute = 0
    for number, line in enumerate(lines):
        if line.startswith(".. attribute::"):
            attribute = number
        if line.startswith("   :type:"):
            full = re.sub(r"\b(?=(collections|jobstatus)\.)", "~", line)
            lines[number] = ""
            # Napoleon puts the type below the text. Beside the name, it is part of the signature.
            lines[attribute] += "\n" + as_written(full.replace(" Literal[", " ~typing.Literal["))
        else:
            linked = re.sub(r"`+docs/([\w/-]+)\.md`+", r":doc:`/\1`", line)
            full_name = r"`jobstatus.\1 <jobstatus.lifecycle.\1>`"
            lines[number] = re.sub(r"`jobstatus\.(STANDARD)`", full_name, linked)
    lines[:] = "\n".join(lines).split("\n")


def rename(*event: Any) -> None:
    """Hide private modules in the titles of links."""
    doctree: nodes.document = event[1]
    for reference in doctree.findall(nodes.reference):
        if "reftitle" in reference:
            reference["reftitle"] = re.sub(r"\._\w+", "", reference["reftitle"])


# In other text, only names as long as SerializeJSONObject.
BREAKS: Final = re.compile(r"(?<=_)(?=\w)|(?<=[a-z]{8})(?=[A-Z])")
BREAKS_OF_CODE: Final = re.compile(r"(?<=[_.:/-])(?=\w)|(?<=[a-z])(?=[A-Z])|(?<=\w)(?=[\[=])")


def break_names(*event: Any) -> None:
    """Allow line breaks inside the long names in tables, because they don't fit on a phone."""
    doctree: nodes.document = event[1]
    for entry in doctree.findall(nodes.entry):
        for text in list(entry.findall(nodes.Text)):
            is_code = isinstance(text.parent, nodes.literal)
            first, *others = (BREAKS_OF_CODE if is_code else BREAKS).split(text)
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
    # `written` shows them as they are written. Sphinx would show the types that they resolve to.
    for module in ("jobstatus._in_state", "jobstatus.codec", "jobstatus.streams._read"):
        analyzer = ModuleAnalyzer.for_module(module)
        analyzer.analyze()
        analyzer.overloads.clear()
    app.add_directive("mermaid", Diagram)
    app.connect("autodoc-process-signature", shorten)
    app.connect("autodoc-process-docstring", link_docstring)
    app.connect("doctree-resolved", rename)
    app.connect("doctree-resolved", break_names)
    app.connect("include-read", link_files)
