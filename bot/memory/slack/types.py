"""What listeners hand to the worker: a question with the place it was asked in."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["message", "follow_up", "command"]


class ThreadKey(NamedTuple):
    """A thread: questions in it are answered one after another."""

    team: str
    channel: str
    root: str

    @property
    def conversation_id(self) -> str:
        """The name of the conversation."""
        return f"slack:{self.team}:{self.channel}:{self.root}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it came from Slack. `ts` names it within its channel; `text` is as Slack sent it.

    `answer_id` and `sent` (message timestamps) tell how far an earlier attempt came; `began` counts attempts.
    """

    team: str
    channel: str
    ts: str
    root: str
    user: str
    text: str
    kind: Kind = "message"
    is_direct: bool = False
    response_url: str = ""
    began: int = 0
    posting: bool = False
    sent: tuple[str, ...] = ()
    answer: str = ""

    @property
    def thread(self) -> ThreadKey:
        """The thread it belongs to."""
        return ThreadKey(self.team, self.channel, self.root)

    @property
    def name(self) -> str:
        """What its messages carry, so that they are found again."""
        return f"{self.channel}:{self.ts}"

    @property
    def person(self) -> str:
        """Who asked, as memory names people."""
        return person_of(self.team, self.user)

    @property
    def owner(self) -> str:
        """Whose conversation it is: the person's own where nobody else reads it, the channel's elsewhere."""
        return self.person if self.is_direct or self.kind == "command" else f"slack:{self.team}:{self.channel}"


def person_of(team: str, user: str) -> str:
    """How memory names a person in Slack."""
    return f"slack:{team}:{user}"
