"""The tutorial works as it is written, in an empty folder, and prints the output that it shows."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.workers import ROOT, answers, wait_until

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
FILES = re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)```", TUTORIAL, re.DOTALL)
(ADDRESS,) = set(re.findall(r"127\.0\.0\.1:\d+", "".join(text for _, text in FILES)))
COMMANDS = [
    command.partition("\n")[::2]
    for block in re.findall(r"```console\n(.*?)```", TUTORIAL, re.DOTALL)
    for command in block.split("$ ")[1:]
]
((SERVE, STARTED),) = [command for command in COMMANDS if "uvicorn" in command[0]]
(STOPPED,) = re.findall(r"```text\n(.*?)```", TUTORIAL, re.DOTALL)
# A client misses some changes, and the length of a run depends on the machine.
VARYING = {
    r"^(queued|processing) (None|\d+\.0)\n": "",
    r"^cancelled \d+\.0$": "cancelled",
    r"\d+(?= (read|valid|processing))": "N",
    r"\d+\.\d\ds$": "N",
    r"(?<=-)[0-9a-f]{32}": "…",
    r"'\d(?=-…)": "'N",
}


def stable(output: str) -> str:
    """Return the part of an output that is the same in every run."""
    for pattern, replacement in VARYING.items():
        output = re.sub(pattern, replacement, output, flags=re.MULTILINE)
    return output


def program(command: str) -> list[str]:
    """Return the arguments that run a command of the tutorial with this Python."""
    name, *arguments = shlex.split(command)
    return [sys.executable, *([] if name == "python" else ["-m", name]), *arguments]


def test_the_tutorial_prints_the_output_that_it_shows(tmp_path: Path) -> None:
    """It needs no file of the repository. Only the port of the service is another one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    for name, text in FILES:
        (tmp_path / name).write_text(text.replace(ADDRESS, f"127.0.0.1:{port}"), encoding="utf-8")
    # pytest must not read the options of this run.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = os.pathsep.join(path for path in sys.path if path != str(ROOT))
    env = kept | {"PYTHONPATH": paths, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*program(SERVE), "--port", str(port)],
        cwd=tmp_path,
        encoding="utf-8",
        env=env,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
    ) as service:
        try:
            wait_until(lambda: answers(port))
            for command, expected in COMMANDS:
                if command != SERVE:
                    done = subprocess.run(
                        program(command),
                        capture_output=True,
                        check=False,
                        cwd=tmp_path,
                        encoding="utf-8",
                        env=env,
                    )
                    assert stable(done.stdout + done.stderr) == stable(expected), command
        finally:
            service.terminate()
        output, _ = service.communicate()
    assert stable(STOPPED) in stable(output)
    assert [line.split()[:3] for line in STARTED.splitlines()] == [
        line.split()[:3] for line in output.splitlines()[:4]
    ]
