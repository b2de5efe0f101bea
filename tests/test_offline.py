"""The main path works with no network."""

import subprocess
import sys
from pathlib import Path

from conftest import ROOT, write

WITHOUT_NETWORK = """
import sys
import pytest_socket
pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
import socket, warnings
warnings.simplefilter("ignore")  # of the plug-in, about the attempt below
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)  # an address for documentation, RFC 5737
except pytest_socket.SocketConnectBlockedError:
    print("no network")
from bot.adapters.cli import main
main()
"""


def test_ingest_and_ask_need_no_network(folder: Path, data_dir: Path) -> None:
    write(folder, networks_md="There are 42 primary care networks in the county.")
    for arguments, said in (
        (["ingest", folder], "added  networks.md"),
        (["ask", "How many primary care networks are there?"], "42"),
        (["doctor"], "index"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_NETWORK, *arguments, "--data-dir", data_dir],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("no network\n")
        assert said in done.stdout
        assert done.stderr == ""
