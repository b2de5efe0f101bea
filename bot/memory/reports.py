"""Keep what people report: gaps in the documents, and facts that answers should be checked for."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Table, desc, insert, select, update

from bot.memory.conversations import answer_row
from bot.memory.database import Database
from bot.memory.tables import gaps, proposals
from bot.memory.text import now, storable
from bot.memory.types import Gap, ProposedFact

LONGEST = 2000  # characters of a text that are kept; as long as a question may be


class Reports:
    """Gaps and proposed facts. One about an answer goes when the answer is deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def gap(
        self,
        question: str,
        *,
        asker: str,
        note: str = "",
        document_ids: Iterable[str] = (),
        answer_id: str = "",
        owner: str | None = None,
    ) -> int:
        """Report a question that the documents should answer, and give the report's id.

        Raises `UnknownAnswer` where it is about an answer that neither the asker nor `owner`, whose conversation it
        is, was given.
        """
        return self._insert(
            gaps,
            answer_id,
            asker,
            owner,
            question=_kept(question),
            note=_kept(note),
            document_ids=json.dumps(list(document_ids)),
            told=False,
        )

    def propose(
        self,
        question: str,
        expected: str,
        *,
        asker: str,
        note: str = "",
        document_id: str = "",
        answer_id: str = "",
        owner: str | None = None,
    ) -> int:
        """Propose a fact that the answer to a question has to contain, and give the proposal's id.

        Raises `UnknownAnswer` as `gap` does.
        """
        return self._insert(
            proposals,
            answer_id,
            asker,
            owner,
            question=_kept(question),
            expected=_kept(expected),
            note=_kept(note),
            document_id=storable(document_id),
        )

    def mark_told(self, gap_id: int) -> None:
        """Note that the owner of the documents was told of a gap."""
        with self._database.writing() as connection:
            connection.execute(update(gaps).where(gaps.c.id == gap_id).values(told=True))

    def gaps(self, *, limit: int = 1000) -> list[Gap]:
        """The gaps, the newest first."""
        with self._database.reading() as connection:
            return [_gap(row) for row in _newest(connection, gaps, limit)]

    def proposed(self, *, limit: int = 1000) -> list[ProposedFact]:
        """The proposed facts, the newest first."""
        with self._database.reading() as connection:
            return [_proposed(row) for row in _newest(connection, proposals, limit)]

    def _insert(self, table: Table, answer_id: str, asker: str, owner: str | None, **values: Any) -> int:
        with self._database.writing() as connection:
            if answer_id:
                answer_row(connection, answer_id, asker if owner is None else owner)
            about = {"answer_id": answer_id or None, "asker": storable(asker), "at": now()}
            done = connection.execute(insert(table).values(**about, **values))
            assert done.inserted_primary_key is not None  # noqa: S101
            return int(done.inserted_primary_key[0])


def _newest(connection: Connection, table: Table, limit: int) -> Iterable[Row[Any]]:
    return connection.execute(select(table).order_by(desc(table.c.id)).limit(limit))


def _kept(text: str) -> str:
    return storable(text)[:LONGEST]


def _gap(row: Row[Any]) -> Gap:
    documents = tuple(json.loads(row.document_ids))
    return Gap(row.id, row.question, row.asker, row.note, documents, row.answer_id or "", row.at, row.told)


def _proposed(row: Row[Any]) -> ProposedFact:
    return ProposedFact(
        row.id, row.question, row.expected, row.asker, row.note, row.document_id, row.answer_id or "", row.at
    )
