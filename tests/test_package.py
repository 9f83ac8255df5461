"""The package is laid out as the design draws it, and is light to import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import jobstatus

PACKAGE = Path(jobstatus.__file__).parent
PLUGIN = PACKAGE.parent / "_jobstatus_hypothesis.py"
PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
ORDER = [
    "_foreign",
    "errors",
    "_states",
    "lifecycle",
    "_effects",
    "dates",
    "_scalars",
    "_fields",
    "_status",
    "_payload",
    "_json",
    "_msgspec",
    "_fast",
    "_documents",
    "codec",
    "history",
    "_typescript",
    "contract",
    "_pydantic",
    "validators",
    "strategies._values",
    "strategies._jobs",
    "strategies._date_strings",
    "strategies._spelling",
    "strategies._documents",
    "strategies._invalid_payloads",
    "strategies._invalid_documents",
    "strategies._histories",
    "strategies._machine",
    "strategies",
    "_report",
    "cli",
    "__main__",
    "__init__",
]


def tree_of(module: str) -> ast.Module:
    """Parse a module of ours."""
    path = PACKAGE.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def inside_functions(tree: ast.Module) -> list[str]:
    """Return the modules of ours that functions import when they are called."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [name for function in functions for name in imports(function)]


def imports(node: ast.AST) -> Iterator[str]:
    """Yield the modules of ours that a module imports when it is imported."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.startswith("jobstatus"))
            case ast.FunctionDef():
                continue  # imports inside a function are made when it is called
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue  # and these never
            case ast.ImportFrom(module="jobstatus", names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module="jobstatus.strategies", names=names):
                yield from (f"strategies.{name.name}" for name in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("jobstatus."):
                yield module.removeprefix("jobstatus.")
            case _:
                yield from imports(child)


def test_the_order_names_every_module() -> None:
    """A new module has its place in the order."""
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")]
    modules = [".".join(path.parts) for path in paths]
    assert {name.removesuffix(".__init__") for name in modules} == set(ORDER)


def test_the_exceptions_to_the_order_are_these() -> None:
    """Imports of ours inside functions: the methods that reach down, the door, the plugin."""
    inside = {module: inside_functions(tree_of(module)) for module in ORDER}
    assert {module: names for module, names in inside.items() if names} == {
        "_status": ["codec", "_fast", "codec", "codec", "_pydantic", "_pydantic"],
        "codec": ["_pydantic"],
        "__main__": ["cli"],
    }
    plugin = ast.parse(PLUGIN.read_text(encoding="utf-8"))
    assert inside_functions(plugin) == ["strategies._jobs"]
    assert [*imports(plugin)] == []


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_what_stands_above_it(module: str) -> None:
    """The tree tells the data flow."""
    above = ORDER[: ORDER.index(module)]
    assert [name for name in imports(tree_of(module)) if name not in above] == []


def test_importing_the_package_is_light() -> None:
    """Nothing is loaded that only a part of it needs, or only its users."""
    program = "import sys, jobstatus; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())
    assert {"jobstatus", "attrs"} <= loaded
    assert loaded.isdisjoint(
        {"cattrs", "dateutil", "hypothesis", "typer", "rich", "msgspec", "pydantic_core"}
    )


def test_the_hook_for_hypothesis_is_called_if_it_is_there_first() -> None:
    """When there is a class to register."""
    program = """
import sys, types
hook = types.ModuleType("_jobstatus_hypothesis")
hook.register = lambda: print("JobStatus" in vars(sys.modules["jobstatus._status"]))
sys.modules[hook.__name__] = hook
import jobstatus
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["True"]


def test_the_public_names_are_all_that_dir_shows() -> None:
    """The names stand in tests/public_api.txt."""
    assert dir(jobstatus) == sorted(jobstatus.__all__)


def test_the_runtime_dependencies_are_four() -> None:
    """All else is an extra."""
    dependencies: list[str] = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    names = [dependency.partition(">=")[0] for dependency in dependencies]
    assert names == ["attrs", "cattrs", "python-dateutil", "typing-extensions"]


def test_the_version_stands_in_one_place() -> None:
    """In pyproject.toml; what is installed, and the changelog's newest release, are of it."""
    stated = tomllib.loads(PYPROJECT.read_text())["project"]["version"]
    assert version("jobstatus") == stated
    changelog = PYPROJECT.with_name("CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d.*?)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)[0] == stated
    for path in [*PACKAGE.rglob("*.py"), PLUGIN]:
        assert stated not in path.read_text(encoding="utf-8")


def test_no_file_is_too_long() -> None:
    """A module over 250 lines wants splitting; docstrings and blank lines do not count."""
    for path in [*PACKAGE.rglob("*.py"), PLUGIN]:
        source = path.read_text(encoding="utf-8")
        docstrings = {
            number
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        lines = enumerate(source.splitlines(), start=1)
        code = [line for number, line in lines if line.strip() and number not in docstrings]
        assert len(code) <= 250, path
