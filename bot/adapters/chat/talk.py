"""What is said in a chat: a line goes in, questions and commands, and what to show comes out."""

from collections.abc import Callable

from rich.text import Text

from bot.adapters.chat.show import answer_in_short, in_its_document, printable, why
from bot.adapters.terminal import source
from bot.assemble import Bot
from bot.errors import StoreError, UnknownConversation
from bot.memory.store import Store
from bot.types import Answer
from ingest.errors import CitewellError

HELP = {
    ":1": "show the first source in its document (:2 the second, …)",
    ":sources": "show what the last answer quotes",
    ":why": "show how the last question was understood, and what the answer rests on",
    ":history": "show this conversation",
    ":new": "begin a new conversation",
    ":forget": "delete this conversation for good",
    ":help": "show this",
    ":quit": "leave (also Ctrl-D)",
}
EARLIER = 5  # conversations whose questions the arrow keys bring back
ASKED_YET = "Nothing was asked yet."


class Talk:
    """One person's conversation with the bot, and the commands about it."""

    def __init__(self, bot: Bot, store: Store, *, asker: str = "") -> None:
        self._bot = bot
        self._store = store
        self._asker = asker
        self._conversation_id = ""
        self._last: Answer | None = None
        self._commands: dict[str, Callable[[], str | Text]] = {
            ":sources": self._sources,
            ":why": lambda: why(self._last) if self._last else ASKED_YET,
            ":history": self._history,
            ":new": self._new,
            ":forget": self._forget,
            ":help": lambda: "\n".join(f"{name:<9} {what}" for name, what in HELP.items()),
        }
        self.asked = self._asked_before()

    def resume(self) -> str:
        """Go on with the conversation that was had last."""
        found = self._store.conversations.of(self._asker, limit=1)
        if not found:
            return "There is no conversation to continue; this begins the first."
        self._conversation_id = found[0].id
        turns = self._store.conversations.turns(self._conversation_id, asker=self._asker)
        self._last = turns[-1].answer if turns else None
        return self._history()

    def respond(self, line: str) -> str | Text:
        """What to show for a line; what goes wrong is a sentence."""
        try:
            return self._command(line) if line.startswith(":") else self._answer(line)
        except CitewellError as error:
            return str(error)

    def words(self) -> dict[str, str]:
        """What may be typed now, with what it does."""
        sources = {f":{one.number}": one.title for one in self._last.citations} if self._last else {}
        return {**{name: what for name, what in HELP.items() if name != ":1"}, **sources}

    def suggestions(self) -> tuple[str, ...]:
        """Questions that the last answer suggests."""
        return self._last.suggestions if self._last else ()

    def _answer(self, question: str) -> str:
        deleted = ""
        try:
            answer = self._bot.ask(question, conversation_id=self._conversation_id, asker=self._asker)
        except UnknownConversation:  # forgotten by another command or by age, while this chat was open
            deleted = "(The conversation so far was deleted elsewhere. This begins a new one.)\n\n"
            answer = self._bot.ask(question, asker=self._asker)
        self._conversation_id = answer.conversation_id
        self._last = answer
        self.asked.append(question)
        return deleted + printable(answer_in_short(answer))

    def _command(self, line: str) -> str | Text:
        name = line.split()[0].lower()
        if name[1:].isdecimal():
            return self._opened(int(name[1:]))
        if name not in self._commands:
            return f"There is no command '{printable(name)}'. Type :help to see them."
        return self._commands[name]()

    def _opened(self, number: int) -> str | Text:
        citations = {one.number: one for one in self._last.citations} if self._last else {}
        if number not in citations:
            numbers = ", ".join(f":{one}" for one in citations)
            return f"The last answer has no source {number}. {f'It has {numbers}.' if numbers else 'It has none.'}"
        citation = citations[number]
        catalog = self._bot.index.catalog
        return in_its_document(citation, catalog.document(citation.document_id), catalog.passage(citation.passage_id))

    def _sources(self) -> str:
        if not self._last:
            return ASKED_YET
        return printable("\n".join(map(source, self._last.citations))) or "The last answer has no source."

    def _history(self) -> str:
        if not self._conversation_id:
            return ASKED_YET
        turns = self._store.conversations.turns(self._conversation_id, asker=self._asker)
        return printable("\n\n".join(f"> {turn.answer.question}\n{answer_in_short(turn.answer)}" for turn in turns))

    def _new(self) -> str:
        self._conversation_id, self._last = "", None
        return "A new conversation."

    def _forget(self) -> str:
        if not self._conversation_id:
            return "There is nothing to forget yet."
        done = self._store.forget_conversation(self._conversation_id, asker=self._asker)
        self._new()
        self.asked = self._asked_before()
        return f"Deleted: {done.turns} turns. This is a new conversation."

    def _asked_before(self) -> list[str]:
        """The questions of the last conversations, oldest first."""
        try:
            conversations = self._store.conversations.of(self._asker, limit=EARLIER)
            turns = [self._store.conversations.turns(one.id, asker=self._asker) for one in reversed(conversations)]
        except StoreError:
            return []
        return [turn.answer.question for one in turns for turn in one]
