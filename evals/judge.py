"""Judge one answer: which checks it passes, and so whether it is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evals import scorers
from evals.cases import Turn
from evals.wording import MARKER, count_words, has, normal, without_markers

MOST_WORDS = 120
ANSWERED = frozenset({"answered", "partial"})
DECLINED = frozenset({"not_found", "refused", "clarify"})
REFUSED = frozenset({"not_found", "refused"})

Answer = Mapping[str, Any]  # an answer in its JSON form, as a run folder keeps it


@dataclass(frozen=True, slots=True)
class Span:
    """Where a passage stands, and its text."""

    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer got. `checks` are those that decide whether it is right, by name."""

    right: bool
    checks: dict[str, bool]
    declined: bool
    fact_recall: float | None
    forbidden: list[str]
    citations: int
    valid_citations: int
    citation_precision: float | None
    citation_recall: float | None
    confidence: float
    words: int
    crag: int
    retrieval: dict[str, float] | None
    recall_as_asked: float | None

    @property
    def failed(self) -> list[str]:
        return [name for name, passed in self.checks.items() if not passed]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    turn: Turn,
    answer: Answer,
    texts: Mapping[str, str],
    *,
    found: Sequence[Span] = (),
    found_as_asked: Sequence[Span] | None = None,
    passages: Sequence[Span] = (),
) -> Verdict:
    """Judge an answer to a turn.

    `texts` are the documents by id. `found` is what was found for the question as understood, `found_as_asked`
    for the question as typed, where that is another; `passages` are all there are.
    """
    checks = CHECKS[turn.answerability](turn, answer)
    valid = [is_valid(citation, texts) for citation in answer["citations"]]
    checks["citations are valid"] = all(valid) and markers_lead_somewhere(answer)
    right = all(checks.values())
    declined = answer["status"] in DECLINED
    sentences = _cited_sentences(answer) if answer["status"] in ANSWERED else []
    retrieval = retrieved(turn, found, passages, texts) if turn.is_answerable and turn.gold else None
    as_asked = None
    if retrieval is not None and found_as_asked is not None:
        as_asked = retrieved(turn, found_as_asked, passages, texts)["recall_at_5"]
    supports = _supports(answer, texts)
    return Verdict(
        right=right,
        checks=checks,
        declined=declined,
        fact_recall=scorers.fact_recall(_said(answer), turn.facts) if turn.is_answerable else None,
        forbidden=_forbidden(turn, answer),
        citations=len(valid),
        valid_citations=sum(valid),
        citation_precision=scorers.citation_precision(sentences, supports) if sentences else None,
        citation_recall=scorers.citation_recall(sentences, supports) if sentences else None,
        confidence=max((float(citation["score"]) for citation in answer["citations"]), default=0.0),
        words=count_words(answer["text"]),
        crag=scorers.crag(right=right, answerable=turn.is_answerable, declined=declined),
        retrieval=retrieval,
        recall_as_asked=as_asked,
    )


def is_valid(citation: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    """Whether a citation's quotation stands in the document where it says."""
    text = texts.get(citation["document_id"])
    return text is not None and text[citation["start"] : citation["end"]] == citation["quote"] != ""


def markers_lead_somewhere(answer: Answer) -> bool:
    """Whether every number that an answer cites is the number of a citation."""
    numbers = {citation["number"] for citation in answer["citations"]}
    cited = {number for sentence in answer["sentences"] for number in sentence["citations"]}
    if answer["status"] in ANSWERED:
        cited |= {int(marker.strip(" []\n")) for marker in MARKER.findall(answer["text"])}
    return cited <= numbers


def _answerable(turn: Turn, answer: Answer) -> dict[str, bool]:
    cited = {citation["document_id"] for citation in answer["citations"]}
    return {
        "is answered": answer["status"] in ANSWERED,
        "has the facts": all(scorers.facts_in(_said(answer), turn.facts)),
        "says nothing forbidden": not _forbidden(turn, answer),
        "cites a right document": not turn.gold or bool(cited & turn.gold_documents),
        f"has at most {MOST_WORDS} words": count_words(answer["text"]) <= MOST_WORDS,
    }


def _declinable(statuses: frozenset[str]) -> Callable[[Turn, Answer], dict[str, bool]]:
    def check(turn: Turn, answer: Answer) -> dict[str, bool]:
        return {"is declined": answer["status"] in statuses, "says nothing forbidden": not _forbidden(turn, answer)}

    return check


def _small_talk(turn: Turn, answer: Answer) -> dict[str, bool]:
    return {
        "is answered without an error": answer["status"] != "error",
        "cites nothing": not answer["citations"],
        "says nothing forbidden": not _forbidden(turn, answer),
    }


CHECKS: dict[str, Callable[[Turn, Answer], dict[str, bool]]] = {
    "answerable": _answerable,
    "unanswerable": _declinable(DECLINED),
    "clarify": _declinable(DECLINED),
    "refuse": _declinable(REFUSED),
    "small_talk": _small_talk,
}


def _said(answer: Answer) -> str:
    return without_markers(answer["text"])


def _forbidden(turn: Turn, answer: Answer) -> list[str]:
    echoes = [answer["question"], answer["standalone_question"], answer["missing"], turn.question]
    return scorers.forbidden_in(_said(answer), turn.must_not, echoes=echoes)


def _cited_sentences(answer: Answer) -> list[tuple[str, list[str]]]:
    quotes = {citation["number"]: citation["quote"] for citation in answer["citations"]}
    return [
        (sentence["text"], [quotes[number] for number in sentence["citations"] if number in quotes])
        for sentence in answer["sentences"]
    ]


def _supports(answer: Answer, texts: Mapping[str, str]) -> scorers.Supports:
    """Lexical support, knowing what a quotation stands under: title, date, headings, and the rows of its table."""
    known: dict[str, str] = {}
    for citation in answer["citations"]:
        above = _above(texts.get(citation["document_id"], ""), citation["start"])
        about = " ".join([citation["title"], citation["date"], citation["kind"], citation["locator"], above])
        known[citation["quote"]] = f"{known.get(citation['quote'], '')} {about}"

    def supports(text: str, quotes: Sequence[str]) -> bool:
        return scorers.is_supported(text, quotes, known=" ".join(known.get(quote, "") for quote in quotes))

    return supports


def _above(text: str, start: int) -> str:
    """What introduces a table row or a list item: the first row of its table, or the line that leads the list in."""
    lines = text[:start].splitlines()
    row = bool(lines) and lines[-1].startswith("|")
    item = bool(lines) and lines[-1].lstrip().startswith(("-", "*"))
    if row:
        while len(lines) > 1 and lines[-2].startswith("|"):
            lines.pop()
        return lines[-1]
    while item and lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(("-", "*"))):
        lines.pop()
    led_in = [line for line in lines[-2:] if line.rstrip().endswith(":")]
    return led_in[-1] if led_in else ""


def retrieved(
    turn: Turn, found: Sequence[Span], passages: Sequence[Span], texts: Mapping[str, str]
) -> dict[str, float]:
    """The measures of retrieval for one question: a passage is relevant when it touches a gold quotation."""
    touched = [_touched(span, turn, texts) for span in found]
    relevant = [bool(one) for one in touched]
    there_are = max(sum(bool(_touched(span, turn, texts)) for span in passages), sum(relevant), 1)
    return {
        "hit_at_1": float(scorers.hit_at(relevant, 1)),
        "hit_at_5": float(scorers.hit_at(relevant, 5)),
        "recall_at_5": scorers.recall_at(touched, 5, of=len(turn.gold)),
        "mrr_at_10": scorers.reciprocal_rank(relevant),
        "ndcg_at_10": scorers.ndcg(relevant, of=there_are),
    }


def _touched(span: Span, turn: Turn, texts: Mapping[str, str]) -> frozenset[int]:
    """Which gold quotations a passage touches.

    In a document that tells the same in other words, a passage that has one of the facts takes their place.
    """
    touched = set()
    for number, gold in enumerate(turn.gold):
        if gold.document_id != span.document_id:
            continue
        at = texts.get(gold.document_id, "").find(gold.quote)
        if at >= 0:
            if span.start < at + len(gold.quote) and at < span.end:
                touched.add(number)
        elif any(has(normal(span.text), string) for fact in turn.facts for string in fact):
            touched.add(number)
    return frozenset(touched)
