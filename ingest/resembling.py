"""Keep in the catalogue which documents resemble one another; only what changed is compared with the rest."""

import sqlite3
from collections.abc import Iterator

import numpy as np

from ingest.sketch import Sketch, resemblance, sketch

TABLES = """
CREATE TABLE IF NOT EXISTS sketches (document_id TEXT PRIMARY KEY, sketch BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sketch_keys (
    key INTEGER NOT NULL, document_id TEXT NOT NULL, PRIMARY KEY (key, document_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sketch_keys_of ON sketch_keys (document_id);
CREATE TABLE IF NOT EXISTS resembling (
    first TEXT NOT NULL, second TEXT NOT NULL, share REAL NOT NULL, PRIMARY KEY (first, second)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resembling_second ON resembling (second);
"""
NAMES = ("sketches", "sketch_keys", "resembling")
LEAST = 0.3  # of what is kept; `ingest.versions` says what is told of it
KEYS = 16  # hashes of a sketch that are looked up; texts that share .3 of their words have none in common once in 2,000
MOST_OF_A_KEY = 50  # documents looked at for a hash: what hundreds share is a form that they were written on
COMPARED = 20  # documents whose whole sketch is compared
KEPT = 5  # documents that one is said to resemble


def remember(connection: sqlite3.Connection, document_id: str, text: str) -> None:
    """Keep the sketch of a document, and which others it resembles, in place of what was kept."""
    forget(connection, document_id)
    made = sketch(text)
    keys = [int(key) for key in made[:KEYS].astype(np.int64)]
    connection.execute("INSERT INTO sketches VALUES (?, ?)", (document_id, made.tobytes()))
    shared: dict[str, int] = {}
    for key in keys:
        rows = connection.execute("SELECT document_id FROM sketch_keys WHERE key = ? LIMIT ?", (key, MOST_OF_A_KEY))
        for (other,) in rows:
            shared[other] = shared.get(other, 0) + 1
    connection.executemany("INSERT INTO sketch_keys VALUES (?, ?)", [(key, document_id) for key in keys])
    nearest = sorted(shared, key=lambda other: (-shared[other], other))[:COMPARED]
    shares = sorted(((resemblance(made, _sketch(connection, other)), other) for other in nearest), reverse=True)
    connection.executemany(
        "INSERT INTO resembling VALUES (?, ?, ?)",
        [(*sorted((document_id, other)), share) for share, other in shares[:KEPT] if share >= LEAST],
    )


def forget(connection: sqlite3.Connection, document_id: str) -> None:
    """Forget a document."""
    for statement in (
        "DELETE FROM sketches WHERE document_id = ?",
        "DELETE FROM sketch_keys WHERE document_id = ?",
        "DELETE FROM resembling WHERE first = ?",
        "DELETE FROM resembling WHERE second = ?",
    ):
        connection.execute(statement, (document_id,))


def resembling(connection: sqlite3.Connection) -> Iterator[tuple[str, str, float]]:
    """Pairs of documents with the share of their words that stands in both."""
    yield from connection.execute("SELECT first, second, share FROM resembling ORDER BY share DESC, first, second")


def _sketch(connection: sqlite3.Connection, document_id: str) -> Sketch:
    row = connection.execute("SELECT sketch FROM sketches WHERE document_id = ?", (document_id,)).fetchone()
    return np.frombuffer(row[0], dtype=np.uint64)
