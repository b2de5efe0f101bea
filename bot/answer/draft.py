"""What an answerer proposes: sentences with the places in documents that back them, not yet checked."""

from dataclasses import dataclass, field

from bot.types import Status
from ingest.types import Passage


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of the document that a passage was cut from."""

    passage: Passage
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence and what backs it. `earlier` marks what an older document says instead, as `says`."""

    text: str
    places: tuple[Place, ...]
    earlier: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed answer; `nearest` are places to look at when there is none.

    `reply` is what the bot says for itself (a greeting, a refusal), where nothing is asked of the documents; with
    `not_found` it says why there is no answer. `why` is the reason for declining, for those who look into it.
    """

    status: Status
    sentences: tuple[DraftSentence, ...] = ()
    nearest: tuple[Place, ...] = ()
    missing: str = ""
    reply: str = ""
    suggestions: tuple[str, ...] = field(default=())
    why: str = ""
