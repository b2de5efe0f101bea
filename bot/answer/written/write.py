"""Let a chat model write an answer, and keep of it what is proven; where nothing is, the answer without it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.answer.draft import Draft, DraftSentence
from bot.answer.evidence import Evidence
from bot.answer.extract import joined, not_found
from bot.answer.written.given import ANSWER_SHAPE, Documents, Given, Messages, asking, chosen, repairing
from bot.answer.written.prove import Verdicts as Judge
from bot.answer.written.prove import prove
from bot.answer.written.reading import Claim, Reader
from bot.answer.written.release import Release
from bot.answer.written.verdicts import Verdicts
from bot.errors import ModelError, NothingSaid
from bot.models.ask import Errand
from bot.rerank.score import Reranker
from bot.types import Dropped, Usage
from bot.understand import Query
from ingest.words import stems_of, words_of

Looked = Sequence[tuple[Query, Sequence[Evidence]]]

MOST_SENTENCES = 10  # as the prompt says, for lists
WITHOUT = "This answer was made without it."
UNPROVEN = f"What the chat model wrote could not be proven. {WITHOUT}"
FOUND_NONE = f"The chat model found no answer in the documents. {WITHOUT}"
BROKE_OFF = "The chat model broke off: there may be more in the documents than is said here."


@dataclass(frozen=True, slots=True)
class Written:
    """What came of asking a chat model: the answer to give, what it took, and what was dropped of it.

    `answerer` is empty where the answer is the one made without it; then `notice` says why.
    """

    draft: Draft
    usage: Usage
    answerer: str = ""
    notice: str = ""
    dropped: tuple[Dropped, ...] = ()


@dataclass(slots=True)
class _Heard:
    """What was heard so far.

    `conflicts` wait for the sentence they differ from; `failed` may be said again in other words, `dropped` may not.
    """

    failed: list[Dropped] = field(default_factory=list)
    conflicts: list[DraftSentence] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    reader: Reader = field(default_factory=Reader)
    claims: set[Claim] = field(default_factory=set)  # a model that rambles says the same again and again


def write(
    question: str,
    looked: Looked,
    draft: Draft,
    *,
    errand: Errand,
    release: Release,
    documents: Documents,
    reranker: Reranker | None,
) -> Written:
    """Ask for an answer from the evidence, sentence by sentence; `draft` is the answer without a model."""
    given = Given(question, chosen([evidence for _, evidence in looked]))
    if not given.passages:
        return Written(draft, errand.usage)
    verdicts = Verdicts(looked, documents, reranker)
    try:
        heard = _hear(asking(given, documents), given, errand, release, documents, verdicts)
    except ModelError as error:
        return _without(draft, errand, f"The chat model {error}. {WITHOUT}", failed=type(error).__name__)
    broke_off = errand.cut_off and not heard.reader.completeness  # which is said at the end
    if heard.failed and len(release.sentences) < MOST_SENTENCES:
        _repair(heard, given, errand, release, documents, verdicts)
    for sentence in heard.conflicts[: MOST_SENTENCES - len(release.sentences)]:
        release(_dated(sentence, release.sentences, documents))
    dropped = (*heard.failed, *heard.dropped)
    usage = _counted(errand.usage, dropped)
    if release.sentences:
        return _said(question, heard, release, broke_off=broke_off, dropped=dropped, answerer=errand.usage)
    if not heard.claims and heard.reader.completeness == "none":
        return _declined(given, looked, draft, usage)
    if not heard.claims:
        why = "declined to answer" if errand.refused else "said nothing that can be read"
        return _without(draft, errand, f"The chat model {why}. {WITHOUT}", failed=NothingSaid.__name__)
    return Written(draft, usage, notice=UNPROVEN, dropped=dropped)


def _hear(
    messages: Messages, given: Given, errand: Errand, release: Release, documents: Documents, verdicts: Judge
) -> _Heard:
    """Read what the model says and let out each sentence that is proven, as it comes."""
    heard = _Heard()

    def take(claim: Claim) -> None:
        if claim in heard.claims:
            return
        heard.claims.add(claim)
        proven = prove(claim, given, documents, verdicts=verdicts)
        if isinstance(proven, Dropped):
            for_good = claim.earlier or proven.reason == "order"
            (heard.dropped if for_good else heard.failed).append(proven)
        elif claim.earlier or _is_superseded(proven, documents):
            heard.conflicts.append(proven)
        elif _is_said(proven, release.sentences) or len(release.sentences) == MOST_SENTENCES:
            return
        elif not release(proven):
            heard.failed.append(Dropped(claim.text, "name", "a name or number is not in the quotation"))

    for piece in errand.say(messages, ANSWER_SHAPE):
        for claim in heard.reader.read(piece):
            take(claim)
    for claim in heard.reader.rest():
        take(claim)
    return heard


def _repair(
    heard: _Heard, given: Given, errand: Errand, release: Release, documents: Documents, verdicts: Judge
) -> None:
    """Ask once for the sentences that failed, and note those that failed for good."""
    before = len(release.sentences)
    try:
        again = _hear(repairing(given, heard.failed, documents), given, errand, release, documents, verdicts)
    except ModelError:
        return
    heard.conflicts += again.conflicts
    mended = [stems_of(one.text) for one in (*release.sentences[before:], *again.conflicts)]
    # Which sentence became which isn't said, but a repaired one keeps half of its words.
    heard.failed = [
        one for one in heard.failed if not any(2 * len(stems_of(one.text) & stems) >= len(stems) for stems in mended)
    ]


def _said(
    question: str, heard: _Heard, release: Release, *, broke_off: bool, dropped: tuple[Dropped, ...], answerer: Usage
) -> Written:
    partial = broke_off or heard.reader.completeness == "partial"
    draft = Draft(
        "partial" if partial else "answered",
        release.sentences,
        missing=_missing(heard.reader.missing, question) if partial else "",
    )
    usage = _counted(answerer, dropped)
    return Written(draft, usage, answerer=usage.model, notice=BROKE_OFF if broke_off else "", dropped=dropped)


def _declined(given: Given, looked: Looked, draft: Draft, usage: Usage) -> Written:
    """The model finds no answer: believed, unless a document gives orders that may have talked it into that."""
    if draft.status not in ("answered", "partial"):
        return Written(draft, usage, answerer=usage.model)
    if given.holds_orders:
        return Written(draft, usage, notice=FOUND_NONE)
    declined = joined([not_found(query, list(evidence)) for query, evidence in looked])
    return Written(replace(declined, why="the chat model finds no answer"), usage, answerer=usage.model)


def _without(draft: Draft, errand: Errand, notice: str, *, failed: str) -> Written:
    return Written(draft, replace(errand.usage, failed=failed), notice=notice)


def _dated(sentence: DraftSentence, said: Sequence[DraftSentence], documents: Documents) -> DraftSentence:
    """Mark what another document says with its date; the only sentence of an answer needs no mark."""
    if not said:
        return sentence
    now, then = (_date(one, documents) for one in (said[0], sentence))
    if now[:4] == then[:4] or not then:
        opening = "Another document:" if sentence.places[-1].passage.document_id != _document(said[0]) else ""
    else:
        opening = f"{'Earlier' if then < now else 'Later'}, in {then[:4]}:"
    text = f"{opening} {sentence.text}".strip()
    return replace(sentence, text=text, earlier=True, says=sentence.text)


def _date(sentence: DraftSentence, documents: Documents) -> str:
    document = documents(_document(sentence))
    return document.date if document else ""


def _document(sentence: DraftSentence) -> str:
    return sentence.places[-1].passage.document_id


def _is_superseded(sentence: DraftSentence, documents: Documents) -> bool:
    document = documents(_document(sentence))
    return bool(document and document.status == "superseded")


def _is_said(sentence: DraftSentence, said: Sequence[DraftSentence]) -> bool:
    return any(sentence.text == one.text for one in said)


def _missing(told: str, question: str) -> str:
    """What is missing, in the model's words where they are all the asker's own."""
    return told if words_of(told) and stems_of(told) <= stems_of(question) else question


def _counted(usage: Usage, dropped: Sequence[Dropped]) -> Usage:
    reasons = [one.reason for one in dropped]
    return replace(usage, dropped={reason: reasons.count(reason) for reason in sorted(set(reasons))})
