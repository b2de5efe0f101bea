"""The path for new starters, as `onboarding.md` at the root of the corpus has it; what doesn't hold is left out.

A heading of the second level begins a step. Its sentences end with the numbers of their sources, its sources are a
numbered list of a document and a quotation each (`1. plan.md "The plan has two parts."`), and its questions are a list.
The step "Check yourself" has questions only.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.answer.draft import Place
from bot.answer.verify import cited, is_backed
from bot.defining import Readable
from bot.errors import NoOnboarding
from bot.types import Answer, Citation
from bot.understand import STOP_WORDS
from bot.wording import plain
from ingest.words import stem

FILE = "onboarding.md"
CHECK = "Check yourself"
CHECK_QUESTIONS = 5

HEADING = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
SOURCE = re.compile(r'^[ \t]*\d+\.[ \t]+(?P<document>\S.*?)[ \t]+["“](?P<quote>.+)["”][ \t]*$', re.MULTILINE)
QUESTION = re.compile(r"^[ \t]*[-*][ \t]+(?P<question>.+\?)[ \t]*$", re.MULTILINE)
LABEL = re.compile(r"^[ \t]*\**(?:Sources|Questions)\**:\**[ \t]*$", re.MULTILINE | re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
SENTENCE = re.compile(r"\s*(?P<text>.*?\S)\s*(?P<marks>\[\d+\](?:\s*\[\d+\])*)", re.DOTALL)
ITEM = re.compile(r"^[ \t]*[-*][ \t]+")
POSSESSIVE = re.compile(r"[’']s\b")
FIRST = re.compile(r"(?:^(?:- )?|(?<=[.!?:]\s))([A-Z][a-z’']*)")


@dataclass(frozen=True, slots=True)
class Step:
    """What to know first, second, and so on: a text with its sources, and questions to ask."""

    id: str
    title: str
    text: str
    citations: tuple[Citation, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The path: its steps, the questions to check oneself by, and what is wrong with the file, a sentence each."""

    steps: tuple[Step, ...] = ()
    check: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self, done: Iterable[str] = ()) -> dict[str, Any]:
        """The path as programs get it, with the ids of the steps that a person has done."""
        known = [step.id for step in self.steps]
        return {
            "steps": [asdict(step) for step in self.steps],
            "check": list(self.check),
            "progress": {"done": [name for name in done if name in known], "total": len(known)},
        }


@dataclass(frozen=True, slots=True)
class _Source:
    """A source of a step; `place` is where its quotation stands, None where it stands nowhere."""

    document_id: str
    quote: str
    place: Place | None
    problem: str = ""


def steps_for(corpus: Path, documents: Readable) -> tuple[Step, ...]:
    """The steps as far as these documents back them; none where nobody wrote any, or the file can't be read."""
    try:
        return read_onboarding(corpus, documents).steps
    except NoOnboarding:
        return ()


def read_onboarding(corpus: Path, documents: Readable) -> Onboarding:
    """Read the path and check each quotation; raise `NoOnboarding` where there is no file that can be read."""
    path = corpus / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NoOnboarding(f"There is no '{path}' yet. Run: citewell onboard --write") from None
    except UnicodeDecodeError:
        raise NoOnboarding(f"'{path}' is not UTF-8 text. Save it as UTF-8.") from None
    return onboarding_in(text, documents)


def onboarding_in(text: str, documents: Readable) -> Onboarding:
    """The path in a text, as far as the documents back it."""
    parts = HEADING.split(COMMENT.sub("", text))[1:]
    steps: dict[str, Step] = {}
    check: tuple[str, ...] = ()
    problems: list[str] = [] if parts else [f"{FILE} has no step. Begin each with a heading such as '## Who we are'."]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        name = plain(title)
        if name.lower() == CHECK.lower():
            check = _questions(body)
            continue
        step, wrong = _step(name, body, documents)
        problems += [f"{FILE}, step '{name}': {problem}" for problem in wrong]
        if step.id in steps:
            problems.append(f"{FILE} has two steps '{name}'. Give one of them another title.")
        elif step.text:
            steps[step.id] = step
    questions = check or _one_of_each(steps.values())
    return Onboarding(tuple(steps.values()), questions[:CHECK_QUESTIONS], tuple(problems))


def questions_not_answered(onboarding: Onboarding, ask: Callable[[str], Answer]) -> Iterator[str]:
    """Ask the bot every question of the path, and say of each that it does not answer what to do."""
    titled = [(f"step '{step.title}'", question) for step in onboarding.steps for question in step.questions]
    for where, question in [*titled, *((f"'{CHECK}'", question) for question in onboarding.check)]:
        if ask(question).status != "answered":
            yield (f"{FILE}, {where}: the documents don't answer “{question}”. Ask it in their words, or take it out.")


def slug(title: str) -> str:
    """The id of a step.

    >>> slug("Who does what?")
    'who-does-what'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _step(title: str, body: str, documents: Readable) -> tuple[Step, list[str]]:
    sources = [_source(match["document"], match["quote"], documents) for match in SOURCE.finditer(body)]
    problems = [source.problem for source in sources if source.problem]
    told = LABEL.sub("", QUESTION.sub("", SOURCE.sub("", body)))
    places: dict[tuple[str, int, int], int] = {}
    cite: list[Place] = []
    said: list[str] = []
    for text, numbers, before in _sentences(told):
        if not numbers:
            problems.append(f"“{_short(text)}” has no source. Put the number of one behind it, such as [1].")
            continue
        found = [sources[number - 1].place for number in numbers if 0 < number <= len(sources)]
        standing = [place for place in found if place]
        if len(found) < len(numbers):
            problems.append(f"“{_short(text)}” names a source that is not in the list. Add it, or correct the number.")
        if not standing or len(standing) < len(numbers):
            continue  # what is wrong with the source was said above
        if not _backed(text, standing, documents):
            problems.append(f"“{_short(text)}” has a number or a name that its quotation doesn't. Correct one of them.")
            continue
        marks = []
        for place in standing:
            key = (place.passage.document_id, place.start, place.end)
            if key not in places:
                places[key] = len(places) + 1
                cite.append(place)
            marks.append(f"[{places[key]}]")
        said.append(f"{before if said else ''}{text} {''.join(marks)}")
    return Step(slug(title), title, "".join(said), cited(tuple(cite), documents.document), _questions(body)), problems


def _sentences(told: str) -> Iterator[tuple[str, list[int], str]]:
    """What is said, sentence by sentence, with the numbers of its sources, and what stands before it.

    >>> [(text, before) for text, _, before in _sentences("One. [1] Two. [1]\\n\\n- Three [1]\\n- Four [1]")]
    [('One.', '\\n\\n'), ('Two.', ' '), ('- Three', '\\n\\n'), ('- Four', '\\n')]
    """
    was_item = False
    for part in re.split(r"\n\s*\n|\n(?=[ \t]*[-*][ \t])", told):
        is_item = bool(ITEM.match(part))
        rest = ITEM.sub("", part)
        before, end = "\n" if is_item and was_item else "\n\n", 0
        for match in SENTENCE.finditer(rest):
            numbers = [int(number) for number in re.findall(r"\d+", match["marks"])]
            bullet = "- " if is_item and not end else ""
            yield f"{bullet}{plain(match['text'])}", numbers, before
            before, end = " ", match.end()
        left = plain(rest[end:])
        if re.search(r"\w", left):
            yield left, [], before
        was_item = is_item if rest.strip() else was_item


def _source(document_id: str, quote: str, documents: Readable) -> _Source:
    document = documents.document(document_id)
    missing = _Source(document_id, quote, None)
    if document is None:
        problem = f"there is no document '{document_id}'. Run `citewell documents` to see those there are."
        return replace(missing, problem=problem)
    # White space may differ: a quotation stands on one line here, and in its document on as many as it needs.
    wanted = re.compile(r"\s+".join(re.escape(word) for word in quote.split()))
    spans = [match.span() for match in wanted.finditer(document.text)]
    if not spans:
        problem = f"“{_short(quote)}” no longer stands in '{document_id}'. Copy the quotation from the document again."
        return replace(missing, problem=problem)
    for start, end in spans:
        for passage in documents.passages_of(document_id):
            if passage.start <= start and end <= passage.end:
                return _Source(document_id, quote, Place(passage, start, end, 1.0))
    problem = f"“{_short(quote)}” is longer than a passage of '{document_id}'. Quote a sentence or a short list of it."
    return replace(missing, problem=problem)


def _backed(text: str, places: list[Place], documents: Readable) -> bool:
    """Whether the quotations have every number and name of a sentence; its first word may be a word like any other."""
    quotes = [
        place.passage.text[place.start - place.passage.start : place.end - place.passage.start] for place in places
    ]
    known, words = [], set(map(stem, STOP_WORDS))
    for place in places:
        document = documents.document(place.passage.document_id)
        if document:
            known += [document.title, document.date, document.publisher, *place.passage.headings, place.passage.context]
            words |= set(map(stem, re.findall(r"\b[a-z]+\b", document.text)))

    def lowered(match: re.Match[str]) -> str:
        return match[1].lower() if stem(match[1].lower()) in words else match[1]

    return is_backed(POSSESSIVE.sub("", FIRST.sub(lowered, text)), quotes, " ".join(known))


def _questions(body: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(match["question"]) for match in QUESTION.finditer(body)))


def _one_of_each(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.questions[0] for step in steps if step.questions))


def _short(text: str) -> str:
    words = text.split()
    return text if len(words) <= 12 else f"{' '.join(words[:12])} …"
