"""A PostgreSQL server of its own for one test, which the test may stop and start."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, final

import pytest


@final
class Cluster:
    """A server with its own data, which ends with the test."""

    def __init__(self, folder: Path, primary: Cluster | None = None) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        if not programs:
            pytest.skip("the programs of PostgreSQL's server are not installed")
        self._programs, self._data = programs[-1].parent, folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        if primary is None:
            self._run("initdb", "-A", "trust", "-U", "root", "--no-sync")
        else:
            self._run("pg_basebackup", "-R", "-c", "fast", "-d", primary.address, "--no-sync")
        settings = f"port={self._port}\nunix_socket_directories=''\nfsync=off\n"
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)
        self.start()

    @property
    def address(self) -> str:
        """The address of its database."""
        return f"postgresql://root@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._run("pg_ctl", "-w", "-l", f"{self._data}/log", "start")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: after disconnecting its clients, or at once as in a crash."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *options]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=-3)


@contextmanager
def cluster(primary: Cluster | None = None) -> Generator[Cluster]:
    """Start a server, or a replica of another one, and remove it at the end."""
    with TemporaryDirectory() as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        created = Cluster(Path(name), primary)
        try:
            yield created
        finally:
            created.stop("immediate")
