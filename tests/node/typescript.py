"""The TypeScript compiler, under every strict option."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

# Beyond what --strict has. The last three are what Node asks of TypeScript that it runs as it is.
OPTIONS = (
    "--strict",
    "--exactOptionalPropertyTypes",
    "--noUncheckedIndexedAccess",
    "--noPropertyAccessFromIndexSignature",
    "--noImplicitOverride",
    "--noImplicitReturns",
    "--noUnusedLocals",
    "--noUnusedParameters",
    "--noFallthroughCasesInSwitch",
    "--isolatedModules",
    "--verbatimModuleSyntax",
    "--erasableSyntaxOnly",
    "--rewriteRelativeImportExtensions",
    *("--target", "es2022"),
    *("--module", "nodenext"),
    *("--pretty", "false"),
)


def compile_typescript(tsc: Path, folder: Path, files: Mapping[str, str], *libraries: str) -> None:
    """Write and compile modules; fail with what the compiler says."""
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    lib = ",".join(("es2022", *libraries))
    done = subprocess.run(
        ["node", str(tsc), *OPTIONS, "--lib", lib, *files],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
