"""Sphinx's configuration."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

from sphinx.application import Sphinx

from jobstatus import STANDARD, Codec

project = "jobstatus"
author = "The jobstatus authors"
copyright = "2026, the jobstatus authors"
release = version = installed("jobstatus")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.mermaid",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 2

nitpicky = False
default_role = "code"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autoclass_content = "class"
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_preprocess_types = False

html_theme = "furo"
html_title = "jobstatus"


def shorten(*event: Any) -> tuple[str, str | None] | None:
    """Write defaults as a caller would, where autodoc cannot see how the source does."""
    *_, signature, returns = event
    if signature is None:
        return None
    short = signature.replace(repr(STANDARD), "STANDARD").replace(repr(Codec()), "Codec()")
    return short, returns


def setup(app: Sphinx) -> None:
    """Connect to autodoc."""
    app.connect("autodoc-process-signature", shorten)
