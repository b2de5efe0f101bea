"""What a chat model is given: numbered passages with title, date and status, and the question. No addresses."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answer.evidence import Evidence
from bot.answer.prompts import prompt
from bot.intents import is_order
from bot.models.limits import tokens_in
from bot.types import Dropped
from ingest.types import Document, Passage, Unit

Documents = Callable[[str], Document | None]
Messages = list[tuple[str, str]]

MOST = 12  # passages, which have .85 of the dev split's gold quotations; the first eight have .78
ROOM = 4000  # tokens of passages, a third of what one answer may take
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)>\]|]+", re.IGNORECASE)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
UNSEEN = re.compile(r"<!--.*?-->|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]", re.DOTALL)
LONGEST_TITLE = 160  # characters of a title or heading

QUOTED: dict[str, Any] = {
    "type": "object",
    "properties": {"passage": {"type": "integer"}, "words": {"type": "string"}},
    "required": ["passage", "words"],
    "additionalProperties": False,
}
SENTENCES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"quotes": {"type": "array", "items": QUOTED}, "text": {"type": "string"}},
        "required": ["quotes", "text"],
        "additionalProperties": False,
    },
}
ANSWER_SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": SENTENCES,
        "conflicts": SENTENCES,
        "completeness": {"type": "string", "enum": ["complete", "partial", "none"]},
        "missing": {"type": "string"},
    },
    "required": ["sentences", "conflicts", "completeness", "missing"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A question and the passages that it may be answered from; the first one has number 1."""

    question: str
    passages: tuple[Passage, ...]

    def passage(self, number: int) -> Passage | None:
        """The passage of a number; None where a model made the number up."""
        return self.passages[number - 1] if 0 < number <= len(self.passages) else None

    @property
    def holds_orders(self) -> bool:
        """Whether a passage gives orders to a bot. They are left out of what is shown; a model may have seen others."""
        return any(is_order(UNSEEN.sub("", sentence)) for one in self.passages for sentence in _sentences(one))


def chosen(evidence: Iterable[Sequence[Evidence]]) -> tuple[Passage, ...]:
    """The passages of the best evidence, in its order; those of several questions take turns."""
    ranked = [list(dict.fromkeys(one.passage for one in each)) for each in evidence]
    turns = [each[place] for place in range(MOST) for each in ranked if place < len(each)]
    kept: list[Passage] = []
    room = ROOM
    for passage in dict.fromkeys(turns):
        room -= tokens_in(passage.text) + LONGEST_TITLE // 4
        if len(kept) == MOST or (room < 0 and kept):
            break
        kept.append(passage)
    return tuple(kept)


def asking(given: Given, documents: Documents) -> Messages:
    """The messages that ask for an answer."""
    return [("system", prompt("answer")), ("user", f"{_laid_out(given, documents)}\n\n{_asked(given)}")]


def repairing(given: Given, failed: Sequence[Dropped], documents: Documents) -> Messages:
    """The messages that ask for sentences again that did not pass."""
    wrong = "\n".join(f"- {tame(one.text)}\n  Wrong: {tame(one.says)}" for one in failed)
    laid_out = f"{_laid_out(given, documents)}\n\n{_asked(given)}\n\n<sentences>\n{wrong}\n</sentences>"
    return [("system", prompt("repair")), ("user", laid_out)]


def _asked(given: Given) -> str:
    return f"<question>\n{tame(given.question)}\n</question>"


def _laid_out(given: Given, documents: Documents) -> str:
    return "\n\n".join(_passage(number, one, documents) for number, one in enumerate(given.passages, start=1))


def _passage(number: int, passage: Passage, documents: Documents) -> str:
    document = documents(passage.document_id)
    title = tame(document.title if document else "")[:LONGEST_TITLE]
    about = {
        "title": title,
        "date": document.date if document else "",
        "status": document.status if document else "",
        "section": tame(" / ".join(one for one in passage.headings if one != title))[:LONGEST_TITLE],
    }
    attributes = "".join(f' {name}="{value.replace(chr(34), chr(39))}"' for name, value in about.items() if value)
    lines = [tame(passage.context), _text(passage)]
    return "\n".join([f'<passage number="{number}"{attributes}>', *filter(None, lines), "</passage>"])


def _text(passage: Passage) -> str:
    """The text without sentences that give orders to a bot; the rest of it is not changed but for addresses."""
    text, at = [], passage.start
    for unit in passage.units:
        said = _said(passage, unit)
        if is_order(UNSEEN.sub("", said)):
            text.append(passage.text[at - passage.start : unit.start - passage.start])
            at = unit.end
    return tame("".join([*text, passage.text[at - passage.start :]]))


def _sentences(passage: Passage) -> list[str]:
    return [_said(passage, unit) for unit in passage.units] or [passage.text]


def _said(passage: Passage, unit: Unit) -> str:
    return passage.text[unit.start - passage.start : unit.end - passage.start]


def tame(text: str) -> str:
    """A text that can't end its frame, has no address to visit, and hides nothing."""
    seen = UNSEEN.sub("", text)
    plain = ADDRESS.sub("…", LINK.sub(r"\1", seen))
    return plain.replace("<", "‹").replace(">", "›").strip()
