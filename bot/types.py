"""What the bot makes: an answer, its sentences and its citations."""

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["answered", "partial", "not_found", "clarify", "refused", "error"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation and where it stands: `document.text[start:end] == quote`, always."""

    number: int
    document_id: str
    title: str
    date: str
    kind: str
    status: str
    locator: str
    passage_id: str
    quote: str
    start: int
    end: int
    url: str
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer with the numbers of the citations that back it."""

    text: str
    citations: tuple[int, ...]
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """What an earlier document says instead, by citation number."""

    says: str
    number: int
    date: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took of a chat model.

    `cost` is in the currency of `CITEWELL_MODEL_PRICES`. `cached` says that nothing was asked anew. `dropped` counts
    the sentences that could not be proven, by what was wrong with them. `failed` names what kept the model from being
    used (`ModelSlow`), where something did.
    """

    model: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cached: bool = False
    dropped: dict[str, int] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, in the one shape that the command line, HTTP, Slack and evals share.

    `notice` is a sentence to show beside it, about the bot and not from the documents; empty where all is well.
    `usage` is what a chat model took, where one is set up.
    """

    answer_id: str
    conversation_id: str
    question: str
    standalone_question: str
    status: Status
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    missing: str = ""
    suggestions: tuple[str, ...] = ()
    answerer: str = "extractive"
    timings_ms: dict[str, float] = field(default_factory=dict)
    notice: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that is proven, told while the rest of its answer is being made. It stays in the answer."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence of a chat model that could not be proven, and why. It is for those who look into it, not for readers.

    `reason` is one of a few words, by which such sentences are counted.
    """

    text: str
    reason: str
    says: str
