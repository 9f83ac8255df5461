"""Mutation testing: put one fault at a time into the source, and see whether the tests fail.

Run: python tasks/mutants.py [MODULE ...]

mutmut makes the faults, and this program runs them. mutmut's own runner skips decorated functions,
class bodies and module level. It switches a fault on after the imports, too late for our tables.
"""

from __future__ import annotations

import ast
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast, get_args

import libcst as cst
import pytest
from mutmut.mutation.mutators import mutation_operators

Outcome: TypeAlias = Literal["killed", "timeout", "survived"]
Key: TypeAlias = tuple[str, str, str]
Operator: TypeAlias = Callable[[Any], Iterable[Any]]

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = Path("src/jobstatus")
PAGE: Final = ROOT / "docs" / "maintainers" / "mutants.md"
LEAST: Final = 95.0
WORKERS: Final = 2
MEMORY: Final = 4 << 30
# The tests do not need these. Some are large, and some change during the run.
BUILT: Final = (
    ".git",
    ".nox",
    ".venv",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "_build",
    "dist",
    "node_modules",
    "out",
)
OUTCOMES: Final[Mapping[int, Outcome]] = {0: "survived", -signal.SIGXCPU: "timeout"}
# Imported once, before the processes fork: everything that the tests need except the project.
PRELOADED: Final = (
    *("attrs", "cattrs.gen", "dateutil.parser", "hypothesis.stateful", "msgspec"),
    *("sybil.document", "sybil.parsers.doctest", "sybil.parsers.myst"),
)
# For each module, the test files that check it. Quick ones first, because a run ends with the first
# test that fails.
TESTS: Final[Mapping[str, Sequence[str]]] = {
    "lifecycle": ("lifecycle", "status", "public_api", "docs", "package"),
    "dates": (
        *("dates", "messages", "public_api", "untrusted", "wire/deviations", "wire/fast"),
        "laws/dates",
    ),
    "errors": ("errors", "messages", "status", "public_api", "package"),
    "validators": ("validators", "messages", "status", "public_api", "untrusted"),
    "_fields": ("fields", "status", "wire/payload", "wire/extra", "codec", "package"),
    "_status": ("status", "package", "wire/payload", "wire/extra", "codec", "cattrs"),
    "_wire/__init__": ("wire/wire", "codec", "package", "wire/payload", "wire/fast", "wire/json"),
    "_wire/_json": (
        *("messages", "wire/parse", "wire/slow", "wire/write", "wire/extra", "codec", "stream"),
        *("wire/json", "wire/pattern"),
    ),
    "_wire/_msgspec": (
        *("wire/msgspec", "wire/write", "wire/extra", "wire/fall_back", "wire/fast"),
        "laws/fast",
    ),
    "_wire/_pattern": ("wire/pattern", "wire/fall_back", "wire/fast", "laws/fast"),
    "_wire/_payload": (
        *("wire/plain", "wire/payload", "wire/slow", "wire/extra", "messages", "codec"),
        "package",
        "wire/fast",
    ),
    "_wire/_policy": ("wire/policy", "codec", "messages", "wire/payload"),
    "_wire/_extra": ("wire/extra",),
    "_wire/_deviations": ("wire/deviations", "codec", "messages"),
    "_wire/_slow": ("wire/slow", "wire/payload", "wire/extra", "codec", "messages", "wire/fast"),
    "_wire/_write": ("wire/write", "wire/json", "wire/extra"),
    "history/_audit": ("history", "wire/extra", "messages", "public_api"),
    "history/_findings": ("history", "messages", "public_api", "pydantic"),
    "history/_merge": ("history", "wire/extra", "messages", "public_api"),
}
# The operators of mutmut, and two more: change the text of an f-string, and leave a statement out.
OPERATORS: Sequence[tuple[type[Any], Operator]] = (
    *mutation_operators,
    (cst.FormattedStringText, lambda node: [node.with_changes(value=f"XX{node.value}XX")]),
    (cst.Raise, lambda _: [cst.Pass()]),
    (cst.Expr, lambda node: [cst.Pass()] if isinstance(node.value, cst.Call) else []),
)


class Mutant(NamedTuple):
    """A fault, identified by its definition and its lines, because line numbers change."""

    module: str
    place: str
    before: str
    after: str
    source: str

    @property
    def path(self) -> Path:
        """The path of its file."""
        return SOURCE / f"{self.module}.py"

    @property
    def key(self) -> Key:
        """The key of the fault in docs/maintainers/mutants.md."""
        return self.place, self.before, self.after


def mutants_of(module: str) -> list[Mutant]:
    """Return the faults of a module, without those that make the same program."""
    source = (ROOT / SOURCE / f"{module}.py").read_text(encoding="utf-8")
    tree, program = cst.parse_module(source), ast.parse(source)
    seen = {_form(program)}
    mutants: list[Mutant] = []
    for node, fault in _faults(tree):
        mutated = cast("cst.Module", tree.deep_replace(node, fault)).code
        try:
            form = _form(ast.parse(mutated))
        except SyntaxError:
            continue
        if form not in seen:
            seen.add(form)
            line, before, after = _change(source.splitlines(), mutated.splitlines())
            place = ".".join((module, *_names(program, line)))
            mutants.append(Mutant(module, place, before, after, mutated))
    return mutants


def _form(program: ast.Module) -> str:
    # None instead of False is not a fault.
    return ast.dump(program).replace("value=None", "value=False")


def _faults(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, Any]]:
    """Yield each node with each of its faults, except nodes that only type checkers read."""
    kept: cst.Arg | None = None
    match node:
        case (
            cst.Annotation()
            | cst.Call(func=cst.Name(value="TypeVar"))
            | cst.FunctionDef(decorators=[cst.Decorator(decorator=cst.Name(value="overload"))])
            | cst.If(test=cst.Name(value="TYPE_CHECKING"))
        ):
            return
        case cst.Call(func=cst.Name(value="cast"), args=[type_, *_]):
            kept = type_
        case _:
            pass
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            for fault in operator(node):
                if kept is None or kept in fault.args[:1]:
                    yield node, fault
    for child in node.children:
        if child is not kept:
            yield from _faults(child)


def _change(old: Sequence[str], new: Sequence[str]) -> tuple[int, str, str]:
    """Return the line from which two texts differ, and the lines that differ."""
    start = _common(old, new)
    tail = _common(old[start:][::-1], new[start:][::-1])
    before, after = (" ".join(map(str.strip, t[start : len(t) - tail])) for t in (old, new))
    return start + 1, before, after


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of lines at the start that two texts have in common."""
    differs = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))


def _names(node: ast.AST, line: int) -> Iterator[str]:
    """Yield the names of the definitions around a line, from the outermost."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            decorators = getattr(child, "decorator_list", [])
            start = min(part.lineno for part in (child, *decorators))
            if start <= line <= (child.end_lineno or start):
                if isinstance(child, ast.FunctionDef | ast.ClassDef):
                    yield child.name
                yield from _names(child, line)


def _files(module: str) -> Iterator[str]:
    for name in TESTS[module]:
        folder, _, topic = name.rpartition("/")
        yield str(Path("tests", folder, f"test_{topic}.py"))
    yield str(SOURCE / f"{module}.py")  # its examples


def run(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, Outcome]]:
    """Run the tests on each mutant in copies of the project; yield it with the outcome."""
    with tempfile.TemporaryDirectory() as name:
        copies = [Path(name, str(number)) for number in range(WORKERS)]
        first, *others = copies
        shutil.copytree(ROOT, first, ignore=shutil.ignore_patterns(*BUILT))
        limits = {
            module: _limit(module, first)
            for module in dict.fromkeys(mutant.module for mutant in mutants)
        }
        for copy in others:  # with the bytecode
            shutil.copytree(first, copy)
        running: dict[int, tuple[Mutant, Path]] = {}
        left = iter(mutants)
        while True:
            while copies and (mutant := next(left, None)) is not None:
                copy = copies.pop()
                (copy / mutant.path).write_text(mutant.source, encoding="utf-8")
                running[_start(copy, mutant.module, limits[mutant.module])] = mutant, copy
            if not running:
                return
            process, status = os.wait()
            mutant, copy = running.pop(process)
            shutil.copy2(ROOT / mutant.path, copy / mutant.path)
            copies.append(copy)
            yield mutant, OUTCOMES.get(os.waitstatus_to_exitcode(status), "killed")


def _limit(module: str, copy: Path) -> int:
    """Return the seconds of processor time that the tests of a module may take.

    Raises:
        SystemExit: If the tests fail without a fault.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    _, status = os.waitpid(_start(copy, module), 0)
    if status:
        raise SystemExit(f"{module}: expected the tests to pass without a fault")
    return 10 + 3 * round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)


def _start(copy: Path, module: str, limit: int | None = None) -> int:
    """Fork a process that runs the tests of a module, and return its id.

    The copy comes first on the path, so an editable install elsewhere is not tested.
    """
    if process := os.fork():
        return process
    code = 1
    try:
        os.chdir(copy)
        sys.path[:0] = [str(copy), str(copy / "src")]
        os.environ["PYTHONPATH"] = str(copy / "src")
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            # Bytecode is matched by the size and the time of a source file, and two faults may have
            # the same.
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        code = pytest.main(
            ["-x", "-q", "--tb=no", "-m", "not sampling", "-p", "no:cacheprovider", *_files(module)]
        )
    finally:
        os._exit(code)


def listed() -> Counter[Key]:
    """Return the survivors that docs/maintainers/mutants.md lists."""
    found = Counter[Key]()
    place = before = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match line[:1], line[1:].strip():
            case "@", text:
                place = text.strip("@ ")
            case "-", text:
                before = text
            case "+", text:
                found[place, before, text] += 1
            case _:
                pass
    return found


def main(modules: Sequence[str]) -> str | None:
    """Print the score of each module, and return the failures or None."""
    os.environ |= {"HYPOTHESIS_PROFILE": "few", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name in PRELOADED:
        import_module(name)
    scores = {module: Counter[Outcome]() for module in modules}
    left = Counter({key: n for key, n in listed().items() if key[0].split(".")[0] in scores})
    for mutant, outcome in run([mutant for module in modules for mutant in mutants_of(module)]):
        scores[mutant.module][outcome] += 1
        if outcome == "survived":
            left[mutant.key] -= 1
            if left[mutant.key] < 0:
                print(_diff("not listed", mutant.key), flush=True)
    wrong = [_diff("listed, and noticed", key) for key, number in left.items() if number > 0]
    if min(left.values(), default=0) < 0:
        wrong.append("expected every survivor to be listed")
    for module, score in scores.items():
        share = 100 * (1 - score["survived"] / score.total())
        counts = ", ".join(f"{score[outcome]} {outcome}" for outcome in get_args(Outcome))
        print(f"{module}: {share:.1f} %: {counts}")
        if share < LEAST:
            wrong.append(f"{module}: expected at least {LEAST} %")
    return "\n".join(wrong) or None


def _diff(title: str, key: Key) -> str:
    place, before, after = key
    return f"{title}:\n@@ {place}\n-{before}\n+{after}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [*TESTS]))
