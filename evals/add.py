"""Make a known fact of a question: find where its answer stands, and write the case down."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from evals import jsonl
from evals.cases import Case, Gold, Split, Turn
from evals.errors import FactsError
from evals.scorers import FUNCTION_WORDS
from evals.wording import has, normal, words

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
SLUG_WORDS = 5


def quotations(text: str, facts: Sequence[Sequence[str]]) -> list[str]:
    """The fewest lines of a document that together have all facts; raise `FactsError` naming one that none has.

    >>> quotations("# A\\n\\nThere are 42 networks.\\nAnn chairs.\\n", [["42"], ["Ann", "Bell"]])
    ['There are 42 networks.', 'Ann chairs.']
    """
    lines = [line for line in text.splitlines() if line.strip()]
    held = {line: {n for n, fact in enumerate(facts) if _holds(line, fact)} for line in lines}
    left, chosen = set(range(len(facts))), list[str]()
    while left:
        best = max(lines, key=lambda line: (len(held[line] & left), not line.startswith("#")), default="")
        if not best or not held[best] & left:
            raise FactsError(
                f"No line of the document has {' or '.join(f'“{one}”' for one in facts[min(left)])}. "
                "Write the fact as the document words it."
            )
        chosen.append(best)
        left -= held[best]
    return [line for line in lines if line in chosen]


def section_of(text: str, quote: str) -> str:
    """The heading above a quotation.

    >>> section_of("# Plan\\n\\n## Networks\\n\\nThere are 42.\\n", "There are 42.")
    'Networks'
    """
    headings = HEADING.findall(text[: text.find(quote)])
    return str(headings[-1]) if headings else ""


def make_case(
    question: str,
    *,
    category: str,
    severity: str,
    answerability: str,
    facts: Sequence[Sequence[str]] = (),
    must_not: Sequence[str] = (),
    document_id: str = "",
    texts: Mapping[str, str],
    others: Sequence[Case],
    note: str = "",
) -> Case:
    """Make a case with its quotations, a new id, and the split that its section of the document has."""
    gold: tuple[Gold, ...] = ()
    if facts:
        if document_id not in texts:
            raise FactsError(f"There is no document '{document_id}'. There are: {', '.join(sorted(texts))}.")
        text = texts[document_id]
        gold = tuple(Gold(document_id, section_of(text, quote), quote) for quote in quotations(text, facts))
    turn = Turn(
        question=" ".join(question.split()),
        answerability=answerability,  # type: ignore[arg-type]
        facts=tuple(tuple(fact) for fact in facts),
        must_not=tuple(must_not),
        gold=gold,
    )
    name = new_id(category, question, {case.id for case in others})
    return Case(name, category, severity, split_of(gold, name, others), (turn,), written_from="asker", note=note)


def new_id(category: str, question: str, taken: set[str]) -> str:
    """An id in words that nobody has.

    >>> new_id("who", "Who chairs the board?", {"who-chairs-board"})
    'who-chairs-board-2'
    """
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode()
    told = [word for word in re.findall(r"[a-z0-9]+", plain.lower()) if word not in FUNCTION_WORDS]
    name = "-".join([category.replace("_", "-"), *told[:SLUG_WORDS]])
    free = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in free if one not in taken)


def split_of(gold: Iterable[Gold], name: str, others: Iterable[Case]) -> Split:
    """The split of other cases about the same section, so that tuning on one split can't leak into the other."""
    places = {(one.document_id, one.section) for one in gold}
    for case in others:
        if any((one.document_id, one.section) in places for turn in case.turns for one in turn.gold):
            return case.split
    key = "|".join(sorted(f"{document}/{section}" for document, section in places)) or name
    return "dev" if sha256(key.encode()).digest()[0] % 2 else "test"


def append(folder: Path, case: Case) -> Path:
    """Write a case at the end of its category's file."""
    path = folder if folder.suffix == ".jsonl" else folder / f"{case.category}.jsonl"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        before + ("\n" if before and not before.endswith("\n") else "") + jsonl.line(case.to_json()), "utf-8"
    )
    return path


def facts_from(typed: str) -> list[list[str]]:
    """Facts as typed: `;` between facts, `|` between wordings of one.

    >>> facts_from("42 | forty-two; networks")
    [['42', 'forty-two'], ['networks']]
    """
    facts = ([one.strip() for one in fact.split("|") if one.strip()] for fact in typed.split(";"))
    return [fact for fact in facts if fact]


def best_document(texts: Mapping[str, str], facts: Sequence[Sequence[str]], question: str) -> str:
    """The document that has most of the facts, and then most of the question's words; empty where none has any."""
    asked = set(words(question)) - FUNCTION_WORDS

    def rank(name: str) -> tuple[int, int]:
        return sum(_holds(texts[name], fact) for fact in facts), len(asked & set(words(texts[name])))

    best = max(sorted(texts), key=rank, default="")
    return best if best and rank(best)[0] else ""


def _holds(text: str, fact: Sequence[str]) -> bool:
    plain = normal(text)
    return any(has(plain, string) for string in fact)
