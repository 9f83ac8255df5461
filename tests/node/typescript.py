"""The TypeScript compiler and linter, with every strict option."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
RUNTIME = HERE.parent.parent / "src" / "jobstatus" / "contract" / "runtime.ts"
# tsc takes these files for CommonJS, because no package.json near it says otherwise.
STANDALONE = ("--noEmit", "--module", "es2022", "--moduleResolution", "bundler")


def compile_typescript(tsc: Path, folder: Path, files: Mapping[str, str], *libraries: str) -> None:
    """Write and compile modules; fail with the compiler's messages."""
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    config = {
        "extends": str(HERE / "tsconfig.json"),
        "compilerOptions": {"lib": ["es2022", *libraries]},
        "files": [*files],
    }
    (folder / "tsconfig.json").write_text(json.dumps(config), encoding="utf-8")
    _run(tsc, "--project", str(folder))


def compile_runtime(tsc: Path) -> None:
    """Compile the .ts files in the source tree; fail with the compiler's messages."""
    _run(tsc, "--project", str(HERE), *STANDALONE)


def lint_typescript(eslint: Path, module: Path, *options: str, obey_comments: bool = False) -> None:
    """Lint a module; fail with the linter's messages.

    By default, comments such as ``eslint-disable`` have no effect.
    """
    comments = () if obey_comments else ("--no-inline-config",)
    config = ("--config", str(HERE / "eslint.config.mjs"), "--max-warnings", "0")
    _run(eslint, *config, *comments, *options, module.name, folder=module.parent)


def _run(program: Path, *arguments: str, folder: Path | None = None) -> None:
    done = subprocess.run(
        ["node", str(program), *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
