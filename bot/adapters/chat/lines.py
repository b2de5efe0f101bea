"""Read the lines of a chat: typed, with editing, completion and history, or from a pipe."""

from collections.abc import Iterable, Iterator
from typing import IO

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory

from bot.adapters.chat.talk import Talk

PROMPT = "› "


def typed(talk: Talk) -> Iterator[str]:
    """Lines as a person types them. Ctrl-C drops the line, Ctrl-D ends the chat."""
    while True:
        # The history is that of the store, so that what is forgotten there is forgotten here.
        session: PromptSession[str] = PromptSession(
            PROMPT,
            history=InMemoryHistory(talk.asked),
            completer=_Words(talk),
            auto_suggest=AutoSuggestFromHistory(),
            complete_while_typing=False,  # a menu under each half-typed question would be in the way; Tab asks for it
        )
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def piped(stream: IO[bytes]) -> Iterator[str]:
    """Lines of a file or a pipe; bytes that are no UTF-8 don't end it."""
    for line in stream:
        yield line.decode("utf-8", "replace")


class _Words(Completer):
    """Commands behind a colon, and the questions that the last answer suggests."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What the line may become."""
        begun = document.text_before_cursor
        if begun.startswith(":"):
            for name, what in self._talk.words().items():
                if name.startswith(begun.lower()):
                    yield Completion(name, start_position=-len(begun), display_meta=what)
        elif begun or complete_event.completion_requested:  # not before anything was typed
            for question in self._talk.suggestions():
                if question.lower().startswith(begun.lower()):
                    yield Completion(question, start_position=-len(begun))
