"""What can go wrong with a question or in a conversation, as a tree below `CitewellError`.

CitewellError
├── QuestionError          the question can't be asked like this
│   ├── EmptyQuestion
│   └── QuestionTooLong
├── NotYours               there is no such thing, or it is another's: the sentence is the same, and so is HTTP's 404
│   ├── UnknownConversation
│   └── UnknownAnswer
├── StoreError             conversations can't be kept
│   ├── StoreUnavailable   locked, full, or away: answers go on
│   ├── StoreDamaged       what is stored can't be read
│   └── StoreTooNew        a newer version wrote it
├── NoOnboarding           there is no path for new starters that can be read
├── ModelError             a chat model can't be used; the answer is made without it
│   ├── NoKey              no key, or one that is refused
│   ├── ModelAway          not reached, failing, or without the model that is named
│   ├── ModelBusy          it says that it is asked too much
│   ├── ModelSlow          it took longer than it may
│   ├── BudgetSpent        the tokens of this answer, this person or this day are spent
│   └── NothingSaid        empty, nonsense, or a refusal
├── UnknownTerm            neither the documents nor their owners explain or use the word
└── Overtaken              another process answered a turn of the conversation meanwhile
"""

from ingest.errors import CitewellError


class QuestionError(CitewellError):
    """The question can't be asked like this."""


class EmptyQuestion(QuestionError):
    """There are no words in it."""


class QuestionTooLong(QuestionError):
    """It is longer than a question may be."""


class NotYours(CitewellError):
    """There is no such thing, or it is another's; nobody learns which."""


class UnknownConversation(NotYours):
    """The asker has no conversation with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such conversation. Check its id, or leave the id out to begin a new one.")


class UnknownAnswer(NotYours):
    """The asker was given no answer with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such answer. Use the answer_id of an answer that you were given.")


class StoreError(CitewellError):
    """Conversations can't be kept."""


class StoreUnavailable(StoreError):
    """The store is locked, full, or away."""


class StoreDamaged(StoreError):
    """What is stored can't be read."""


class StoreTooNew(StoreError):
    """A newer version of Citewell wrote it."""


class NoOnboarding(CitewellError):
    """There is no path for new starters that can be read."""


class ModelError(CitewellError):
    """A chat model can't be used. The message ends the sentence "The chat model …"."""


class NoKey(ModelError):
    """There is no key, or it is refused."""


class ModelAway(ModelError):
    """It isn't reached, it fails, or it hasn't the model that is named."""


class ModelBusy(ModelError):
    """It says that it is asked too much."""


class ModelSlow(ModelError):
    """It took longer than it may."""


class BudgetSpent(ModelError):
    """The tokens of this answer, this person or this day are spent."""


class NothingSaid(ModelError):
    """It said nothing that can be read as an answer."""


class UnknownTerm(CitewellError):
    """Neither the documents nor their owners explain or use the word."""


class Overtaken(CitewellError):
    """Another process answered a turn of the conversation meanwhile."""
