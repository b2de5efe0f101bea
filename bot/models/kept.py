"""The small SQLite file of what chat models took and said, shared by processes."""

import sqlite3
from pathlib import Path

WAIT = 5.0  # seconds for another process that writes


def connected(path: Path, table: str) -> sqlite3.Connection:
    """Open the file, made where it isn't there yet, with a table (`CREATE TABLE IF NOT EXISTS …`) in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=WAIT)
    connection.execute(table)
    return connection
