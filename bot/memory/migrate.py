"""Bring a database to the tables of today, and leave one alone that is ahead of them."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.errors import StoreDamaged, StoreTooNew
from bot.memory.tables import metadata

NEWEST = "0002"  # the last script in `migrations/versions`
SCRIPTS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 0x6369746577656C6C  # PostgreSQL's advisory lock of migrations: "citewell" in ASCII


def migrate(connection: Connection, place: str) -> None:
    """Run the scripts that are missing, inside the transaction of the connection.

    Raises `StoreTooNew` where a newer version of Citewell wrote the database, `StoreDamaged` where it is another's.
    """
    if version_of(connection) == NEWEST:
        return  # without loading Alembic
    if connection.dialect.name == "postgresql":  # SQLite's write transactions exclude each other
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": ONE_AT_A_TIME})
    _check(version_of(connection), connection, place)
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    command.upgrade(config, NEWEST)


def version_of(connection: Connection) -> str:
    """The number of the last script that was run; empty where there was none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _check(version: str, connection: Connection, place: str) -> None:
    if version.isdigit() and int(version) > int(NEWEST):
        raise StoreTooNew(
            f"The store of conversations ({place}) was written by a newer version of Citewell (its tables have "
            f"number {int(version)}, and {int(NEWEST)} is the last that this version knows). "
            "Upgrade Citewell, or name another store with CITEWELL_DATABASE."
        )
    others = set(inspect(connection).get_table_names()) - {"alembic_version"}
    if (version and not version.isdigit()) or (not version and others & set(metadata.tables)):
        raise StoreDamaged(
            f"The database at {place} has tables of something else. Name another with CITEWELL_DATABASE."
        )
