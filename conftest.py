"""Hypothesis profiles, and Sybil, which runs the examples in the README, docs and docstrings."""

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

# The same examples in each run, so that CI fails only for faults of the change itself.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None, max_examples=100)
# HYPOTHESIS_PROFILE=few: for sessions that test other versions or the wheel, and not the laws.
settings.register_profile("few", settings.get_profile("fixed"), max_examples=25)
# HYPOTHESIS_PROFILE=many: the same examples in each run, for the comparison with Node.
settings.register_profile(
    "many", derandomize=True, database=None, deadline=None, max_examples=10_000
)
# HYPOTHESIS_PROFILE=explore: many new examples in each run.
settings.register_profile("explore", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def run_console(example: Example) -> None:
    """Run the ``$ python -m jobstatus`` lines of a console block, and compare their output."""
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


def name_module(namespace: dict[str, object]) -> None:
    """Run the examples of a page as a program. Litestar looks up the module of a function."""
    namespace["__name__"] = "__main__"


_documents = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS),
        CodeBlockParser("console", run_console),
    ],
    patterns=["README.md", "docs/*.md", "docs/integrations/*.md"],
    excludes=["docs/tutorial.md"],  # tests/test_tutorial.py runs its files in an empty folder
    setup=name_module,
)
_docstrings = Sybil(
    parsers=[DocTestParser(ELLIPSIS)],
    path="src",
    pattern="*.py",  # at any depth
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = (_documents + _docstrings).pytest()
