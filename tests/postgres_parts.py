"""A private PostgreSQL server for the tests, on a free port; skipped where none is installed, unless it is demanded."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

DEMANDED = "REQUIRE_POSTGRES"  # set by .ci/run: a server that can't be started is a failure then


def _programs() -> Path | None:
    """Where `initdb` is; Debian keeps it off the path."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return versions[-1].parent if versions else None


class Server:
    """A PostgreSQL server that is started and stopped by tests."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # PostgreSQL refuses to run as root, and its package makes this user.
        self._user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "--auth=trust", "--username=citewell", "--encoding=UTF8", "--no-sync", "--no-instructions")
        self._running = False
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes connections. What a crash of the machine would lose doesn't matter here."""
        if self._running:
            return
        options = f"-F -p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=50"
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={options}")
        self._running = True

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")
        self._running = False

    def empty_database(self) -> str:
        """Empty the one database there is, and give its address."""
        with psycopg.connect(f"postgresql://citewell@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return f"postgresql+psycopg://citewell@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, f"--pgdata={self.folder / 'data'}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._user)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server."""
    programs = _programs()
    if programs is None:
        if os.environ.get(DEMANDED):
            pytest.fail("PostgreSQL is not installed. Run: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # Not pytest's own folder, which only its user may enter.
    folder = Path(tempfile.mkdtemp(prefix="citewell-postgres-"))
    server = Server(programs, folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
