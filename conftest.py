"""Hypothesis profiles, and Sybil: every example in the README, the docs and the docstrings runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from doctest import ELLIPSIS
from pathlib import Path

from hypothesis import settings
from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent

# The same examples in each run, so that CI is red for a change's own faults alone.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None, max_examples=100)
# HYPOTHESIS_PROFILE=few: for what is not about the laws but about the versions and the wheel.
settings.register_profile("few", settings.get_profile("fixed"), max_examples=25)
# HYPOTHESIS_PROFILE=many: the same too, for what `nox -s node` puts to the real peer.
settings.register_profile(
    "many", derandomize=True, database=None, deadline=None, max_examples=10_000
)
# HYPOTHESIS_PROFILE=explore: new ones in each run, and many.
settings.register_profile("explore", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def run_console(example: Example) -> None:
    """Run the ``$ python -m jobstatus`` lines of a console block, and compare what they print."""
    prompts = example.parsed.split("$ ")[1:]
    for prompt in prompts:
        command, _, expected = prompt.partition("\n")
        python, *arguments = shlex.split(command)
        assert python == "python", f"a console block runs python alone, not {python}"
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            check=False,
            cwd=ROOT,
            encoding="utf-8",
            env=os.environ | {"PYTHONUTF8": "1"},
        )
        assert done.stdout + done.stderr == expected.rstrip("\n") + "\n"


_documents = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS),
        CodeBlockParser("console", run_console),
    ],
    patterns=["README.md", "docs/*.md"],
)
_docstrings = Sybil(
    parsers=[DocTestParser(ELLIPSIS)],
    path="src",
    pattern="*.py",  # at any depth
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = (_documents + _docstrings).pytest()
