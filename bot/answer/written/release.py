"""Let proven sentences out one by one, each with the citations that it has in the finished answer."""

from collections.abc import Callable

from bot.answer.draft import Draft, DraftSentence
from bot.answer.verify import Asked, checked
from bot.answer.written.given import Documents
from bot.types import Said


class Release:
    """Checks a sentence as every answer is checked, and tells of it at once; what was told stays said."""

    def __init__(self, asked: Asked, documents: Documents, tell: Callable[[Said], None]) -> None:
        self._asked = asked
        self._documents = documents
        self._tell = tell
        self.sentences: tuple[DraftSentence, ...] = ()

    def __call__(self, sentence: DraftSentence) -> bool:
        """Whether the sentence may be said."""
        longer = (*self.sentences, sentence)
        answer = checked(Draft("answered", longer), self._asked, self._documents)
        if len(answer.sentences) < len(longer):
            return False
        self.sentences = longer
        said = answer.sentences[-1]
        self._tell(Said(said, tuple(one for one in answer.citations if one.number in said.citations)))
        return True
