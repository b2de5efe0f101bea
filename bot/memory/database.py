"""Open the database, SQLite or PostgreSQL, and turn its errors into sentences."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from bot.errors import StoreDamaged, StoreUnavailable
from bot.memory.migrate import migrate
from ingest.errors import SettingsError

SQLITE, POSTGRESQL = "sqlite", "postgresql+psycopg"
# A write takes about a millisecond. What is locked for two seconds is stuck, and a person is waiting for the answer.
PATIENCE = 2.0
AWAY_AFTER = 3  # seconds until a PostgreSQL server that doesn't take connections counts as away


class Database:
    """A database with the tables of today. Threads may use it at once.

    The tables are brought up to date with the first use that works, so that a database that is away at the start may
    come later.
    """

    def __init__(self, address: str) -> None:
        """Raise `SettingsError` where the address can't be one."""
        url = _url(address)
        self.place = f"'{url.database}'" if url.drivername == SQLITE else url.render_as_string(hide_password=True)
        self._file = Path(url.database or "") if url.drivername == SQLITE else None
        self._prepared: tuple[int, int] | None = None
        self._preparing = Lock()
        self._engine = _sqlite(url) if self._file else _postgresql(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from."""
        self.prepare()
        with self._plainly(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is kept when the block ends, and nothing where it fails."""
        self.prepare()
        with self._plainly(), self._writers.begin() as connection:
            yield connection

    def prepare(self) -> None:
        """Bring the tables up to date, where that was not done yet.

        Raises `StoreUnavailable`, `StoreDamaged`, or `StoreTooNew`.
        """
        if self._is_prepared():
            return
        with self._plainly(), self._preparing:
            if self._is_prepared():
                return
            self._engine.dispose()  # connections to a file that was moved or deleted would write into nowhere
            if self._file:
                _make(self._file)
            with self._writers.begin() as connection:
                migrate(connection, self.place)
            self._prepared = self._identity()

    def exists(self) -> bool:
        """Whether the file was made already. A server has to be there."""
        return self._identity() is not None

    def clean(self) -> None:
        """Leave nothing of what was deleted in the files, as far as the database allows it.

        SQLite overwrites deleted rows with zeros (`secure_delete`), and here its log is emptied into the file.
        PostgreSQL frees them (`VACUUM`); its log and its backups are its administrator's.
        """
        with self._plainly():
            if self._file:
                with closing(self._engine.raw_connection()) as raw:  # outside of any transaction
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("SET statement_timeout = 0"))
                    connection.execute(text("VACUUM conversations, turns, votes, gaps, proposals, steps"))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @property
    def _writers(self) -> Engine:
        return self._engine.execution_options(writes=True)

    def _is_prepared(self) -> bool:
        return self._prepared is not None and self._prepared == self._identity()

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is, to notice one that was moved away or put in its place. A server stays the same."""
        if not self._file:
            return (0, 0)
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return None
        return (stat.st_dev, stat.st_ino)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unavailable(error.strerror or str(error)) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            if type(error) is DatabaseError:  # not its kinds: SQLite says so where the file is none of its own
                raise StoreDamaged(
                    f"The store of conversations ({self.place}) can't be read ({reason}). "
                    "Put a backup in its place, or move it away to begin a new one."
                ) from error
            raise self._unavailable(reason) from error

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"The store of conversations ({self.place}) can't be used now ({reason}). "
            "Nothing in it is lost; it is used again as soon as that is mended."
        )


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SettingsError(_wrong()) from error
    if url.drivername not in (SQLITE, POSTGRESQL) or not url.database or url.database == ":memory:":
        raise SettingsError(_wrong())
    return url


def _wrong() -> str:
    # Without the address: it may have a password.
    return (
        "CITEWELL_DATABASE has to be 'sqlite:///path/to/file.db' or 'postgresql+psycopg://user@host/database'. "
        "Mend it, or unset it for a file in the data folder."
    )


def _make(path: Path) -> None:
    """Make the file for its owner's eyes only, before SQLite makes it for everybody's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, pool_timeout=PATIENCE)

    # Transactions begin where SQLAlchemy says so, not where the driver guesses:
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        # NORMAL: a killed process loses nothing, a machine without power the last seconds. FULL waits for the disk with
        # each answer (1.7 ms a turn, and 12 where the disk is busy, against 1.0 and 0.6).
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    milliseconds = int(PATIENCE * 1000)
    options = f"-c lock_timeout={milliseconds} -c statement_timeout={10 * milliseconds} -c timezone=UTC"
    try:
        return create_engine(
            url,
            connect_args={"connect_timeout": AWAY_AFTER, "options": options, "tcp_user_timeout": AWAY_AFTER * 1000},
            pool_timeout=PATIENCE,
            pool_pre_ping=True,  # a connection that the server dropped is opened again, without an error
        )
    except ImportError as error:
        raise SettingsError(
            "CITEWELL_DATABASE names a PostgreSQL server, and its driver is not installed. "
            "Run: pip install 'citewell[postgres]'"
        ) from error
