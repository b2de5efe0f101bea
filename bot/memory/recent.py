"""Remember the last turns of recent conversations in this process only: for one question, a batch, an evaluation."""

from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from bot.memory.locks import Locks
from bot.memory.types import Past
from bot.types import Answer

REMEMBERED = 12  # turns of a conversation; a follow-up leans on the last few, and greetings among them don't count
CONVERSATIONS = 1000  # that are remembered at once


class Recent:
    """The last turns of recent conversations, which begin with their first use. Threads may use it at once."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], tuple[Answer, ...]] = OrderedDict()
        self._changing = Lock()
        self._locks = Locks()

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Nothing is needed."""

    def alone(self, conversation_id: str, *, asker: str) -> AbstractContextManager[None]:
        """Let the turns of one conversation be answered one after another."""
        return self._locks.held((asker, conversation_id)) if conversation_id else nullcontext()

    def past(self, conversation_id: str, *, asker: str) -> Past:
        """What was said before, which is nothing in a conversation that is not known."""
        with self._changing:
            return Past(conversation_id, self._answers.get((asker, conversation_id), ()))

    def keep(self, answer: Answer, *, asker: str, past: Past) -> None:
        """Keep an answer of a conversation that has a name; what was not used for longest is forgotten first."""
        if not past.conversation_id:
            return  # nobody can come back to it
        name = (asker, past.conversation_id)
        with self._changing:
            self._answers[name] = (*self._answers.get(name, ()), answer)[-REMEMBERED:]
            self._answers.move_to_end(name)
            while len(self._answers) > CONVERSATIONS:
                self._answers.popitem(last=False)
