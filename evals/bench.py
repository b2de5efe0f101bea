"""Measure on public sets, beside what others published: `scifact`, `squad2` and `doc2dial` in BEIR layout.

A set is a folder with `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`, and for answers
`answers`, `is_impossible`, `doc`, `history`) and `qrels.tsv`. Its documents are ingested like any others.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from evals import jsonl, scorers
from evals.errors import BenchError
from evals.judge import ANSWERED, DECLINED
from evals.run import Progress, no_progress
from evals.wording import normal

if TYPE_CHECKING:
    from bot.assemble import Bot
    from bot.retrieve import Found
    from bot.settings import BotSettings

DEPTH = 30  # passages, of which there are at least ten documents in nearly all rankings


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, of how many questions, and what others got."""

    title: str
    value: float
    of: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a set with its relevant documents and everything else its line says."""

    id: str
    text: str
    relevant: frozenset[str]
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Bench:
    bot: "Bot"
    name_of: dict[str, str]  # a document of the set, by the id it has in the index

    def documents(self, found: Iterable[tuple[str, float]]) -> list[str]:
        """Documents in the order of their best passages."""
        return list(dict.fromkeys(self.name_of[document_id] for document_id, _ in found))

    def fused(self, question: str) -> list[str]:
        from bot.retrieve import retrieve

        vector = self.bot.encode(question)
        found: list[Found] = retrieve(question, vector, self.bot.index, limit=DEPTH)
        return self.documents((one.passage.document_id, one.score) for one in found)

    def lexical(self, question: str) -> list[str]:
        found = self.bot.index.search(question, limit=DEPTH)
        return self.documents((passage.document_id, score) for passage, score in found)

    def dense(self, question: str) -> list[str]:
        found = self.bot.index.nearest(self.bot.encode(question), limit=DEPTH)
        return self.documents((passage.document_id, score) for passage, score in found)


def bench(
    kind: str, data: Path, settings: "BotSettings", *, limit: int = 0, progress: Progress = no_progress
) -> list[Figure]:
    """Measure one set; `limit` takes that many questions of it, the same ones each time (0: all).

    The index is kept below the data folder, so that only the first time takes long.
    """
    queries = _sampled(list(read_queries(data)), limit)
    opened = _open(kind, data, settings, progress)
    return SETS[kind](opened, queries, progress)


def read_queries(data: Path) -> Iterator[Query]:
    """The questions of a set that have a judgement, in their order."""
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        if not (data / name).is_file():
            raise BenchError(f"'{data}' has no {name}. Give --data the folder of a set in BEIR layout.")
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (data / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant[query].add(document)
    for _, value in jsonl.read(data / "queries.jsonl", error=BenchError):
        if value["_id"] in relevant or value.get("is_impossible"):
            yield Query(value["_id"], value["text"], frozenset(relevant[value["_id"]]), value)


def _scifact(opened: _Bench, queries: Sequence[Query], progress: Progress) -> list[Figure]:
    ways: dict[str, tuple[Callable[[str], list[str]], str]] = {
        "BM25": (opened.lexical, ".679 BM25 (Thakur et al., BEIR, 2021)"),
        "embeddings": (opened.dense, ".645 all-MiniLM-L6-v2 (published)"),
        "fused": (opened.fused, ".724 fused by reciprocal rank (measured)"),
    }
    figures = []
    for title, (search, anchor) in ways.items():
        gains, recalls = [], []
        for query in _told(queries, title, progress):
            ranked = search(query.text)[:10]
            relevant = [document in query.relevant for document in ranked]
            gains.append(scorers.ndcg(relevant, of=len(query.relevant)))
            recalls.append(sum(relevant[:5]) / len(query.relevant))
        figures.append(Figure(f"nDCG@10, {title}", fmean(gains), len(gains), anchor))
        figures.append(Figure(f"recall@5, {title}", fmean(recalls), len(recalls)))
    return figures


def _squad2(opened: _Bench, queries: Sequence[Query], progress: Progress) -> list[Figure]:
    found, first, quoted, declined_without, declined_with = [], [], [], [], []
    confident: list[tuple[float, bool]] = []
    for query in _told(queries, "answers", progress):
        answer = opened.bot.ask_safely(query.text)
        declined = answer.status in DECLINED
        score = max((citation.score for citation in answer.citations), default=0.0)
        confident.append((score, not query.more["is_impossible"]))
        if query.more["is_impossible"]:
            declined_without.append(declined)
            continue
        found.append(any(name in query.relevant for name in opened.fused(query.text)[:5]))
        declined_with.append(declined)
        wanted = [normal(one) for one in query.more["answers"]]
        quotes = [normal(citation.quote) for citation in answer.citations] if answer.status in ANSWERED else []
        quoted.append(any(one in quote for one in wanted for quote in quotes))
        first.append(any(one in quote for one in wanted for quote in quotes[:1]))
    refused, false = _mean(declined_without), _mean(declined_with)
    return [
        Figure("hit@5 of the paragraph", _mean(found), len(found)),
        Figure("the first quotation has the answer", _mean(first), len(first)),
        Figure("a quotation has the answer", _mean(quoted), len(quoted)),
        Figure("refusals among questions without an answer", refused, len(declined_without)),
        Figure("false refusals", false, len(declined_with)),
        Figure("balanced accuracy of refusing", scorers.balanced_accuracy(refused, false), len(queries), ".500 chance"),
        Figure("AUROC of the citation score", auroc(confident), len(confident), ".63 top-1 cosine (measured)"),
    ]


def _doc2dial(opened: _Bench, queries: Sequence[Query], progress: Progress) -> list[Figure]:
    understood, last, touched = [], [], []
    for query in _told(queries, "conversations", progress):
        conversation = sha256(query.id.encode()).hexdigest()[:32]
        for turn in query.more["history"]:
            if turn["role"] == "user":
                opened.bot.ask_safely(turn["text"], conversation_id=conversation)
        answer = opened.bot.ask_safely(query.text, conversation_id=conversation)
        standalone = answer.standalone_question or query.text
        understood.append(any(name in query.relevant for name in opened.fused(standalone)[:5]))
        last.append(any(name in query.relevant for name in opened.fused(query.text)[:5]))
        spans = [normal(one) for one in query.more["answers"] if one.strip()]
        quotes = [normal(citation.quote) for citation in answer.citations] if answer.status in ANSWERED else []
        touched.append(any(quote in span or span in quote for span in spans for quote in quotes))
    anchor = ".62 last turn alone, .89 with the two before it, .95 with all (measured)"
    return [
        Figure("recall@5, the question as understood", _mean(understood), len(understood), anchor),
        Figure("recall@5, the last turn alone", _mean(last), len(last)),
        Figure("a quotation lies in the gold span or holds it", _mean(touched), len(touched)),
    ]


SETS: dict[str, Callable[[_Bench, Sequence[Query], Progress], list[Figure]]] = {
    "scifact": _scifact,
    "squad2": _squad2,
    "doc2dial": _doc2dial,
}


def auroc(scored: Sequence[tuple[float, bool]]) -> float:
    """How often a question with an answer scores higher than one without, ties counted half.

    The area under the ROC curve by the Mann-Whitney statistic: Hanley and McNeil, Radiology 143 (1982).

    >>> auroc([(0.9, True), (0.1, False), (0.5, True), (0.5, False)])
    0.875
    """
    from scipy.stats import mannwhitneyu

    positive = [score for score, label in scored if label]
    negative = [score for score, label in scored if not label]
    if not positive or not negative:
        return 0.5
    return float(mannwhitneyu(positive, negative).statistic) / (len(positive) * len(negative))


def _open(kind: str, data: Path, settings: "BotSettings", progress: Progress) -> _Bench:
    from bot.assemble import open_bot
    from ingest.embed import open_embedder
    from ingest.sync import sync

    home = settings.data_dir / "bench" / kind
    folder = home / "documents"
    names = _laid_out(data, folder)
    own = settings.model_copy(update={"corpus": folder, "data_dir": home / "state", "index": "", "database": ""})
    embedder = open_embedder(own.embedder)
    sync(folder, location=own.index_location, data_dir=own.data_dir, embedder=embedder, progress=progress)
    return _Bench(open_bot(own), names)


def _laid_out(data: Path, folder: Path) -> dict[str, str]:
    """Write the documents of a set as files, and give the name of each in the set by its id in the index."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for _, value in jsonl.read(data / "corpus.jsonl", error=BenchError):
        document_id = sha256(value["_id"].encode()).hexdigest()[:20] + ".md"
        names[document_id] = value["_id"]
        text = f"---\ntitle: {json.dumps(value.get('title', ''), ensure_ascii=False)}\n---\n{value['text']}\n"
        path = folder / document_id
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return names


def _sampled(queries: list[Query], limit: int) -> list[Query]:
    """As many questions as wanted, spread evenly over all."""
    if not limit or limit >= len(queries):
        return queries
    return [queries[place * len(queries) // limit] for place in range(limit)]


def _told(queries: Sequence[Query], what: str, progress: Progress) -> Iterator[Query]:
    for number, query in enumerate(queries):
        progress(number, len(queries), what)
        yield query
    progress(len(queries), len(queries), "")


def _mean(values: Sequence[bool]) -> float:
    return fmean(values) if values else 0.0
