"""What the reranker says of quotations: verdicts that it gave already, and new ones for what it wasn't shown."""

from collections.abc import Sequence

from bot.answer.draft import Place
from bot.answer.evidence import Evidence
from bot.answer.written.given import Documents
from bot.rerank.reading import reading_of
from bot.rerank.score import Reranker
from bot.understand import Query
from ingest.types import Unit

MOST = 2  # units of one quotation that are read anew, 4 ms each


class Verdicts:
    """Gives the best verdict on some places, or None where there is no reranker to ask."""

    def __init__(
        self, looked: Sequence[tuple[Query, Sequence[Evidence]]], documents: Documents, reranker: Reranker | None
    ) -> None:
        self._questions = [query.judged for query, _ in looked]
        self._documents = documents
        self._reranker = reranker
        self._known: dict[tuple[str, int], float] = {}
        for _, evidence in looked:
            for one in evidence:
                if one.verdict is not None:
                    key = (one.passage.document_id, one.unit.start)
                    self._known[key] = max(one.verdict, self._known.get(key, one.verdict))

    def __call__(self, places: Sequence[Place]) -> float | None:
        if self._reranker is None:
            return None
        units = [(place, unit) for place in places for unit in place.passage.units if _inside(unit, place)]
        known = [self._known[key] for place, unit in units if (key := _key(place, unit)) in self._known]
        if known:
            return max(known)
        read = units[-MOST:]  # a lead-in comes first and says less
        return max(map(self._read, read), default=None) if read else None

    def _read(self, read: tuple[Place, Unit]) -> float:
        place, unit = read
        document = self._documents(place.passage.document_id)
        title, date = (document.title, document.date) if document else ("", "")
        reading = reading_of(place.passage, unit, title=title, date=date)
        assert self._reranker is not None  # noqa: S101
        verdict = max(score for question in self._questions for score in self._reranker.scores(question, [reading]))
        self._known[_key(place, unit)] = verdict
        return verdict


def _inside(unit: Unit, place: Place) -> bool:
    return place.start <= unit.start and unit.end <= place.end and unit.kind != "heading"


def _key(place: Place, unit: Unit) -> tuple[str, int]:
    return place.passage.document_id, unit.start
