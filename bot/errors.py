"""What can go wrong with a question, as a tree below `CitewellError`.

CitewellError
└── QuestionError      the question can't be asked like this
    ├── EmptyQuestion
    └── QuestionTooLong
"""

from ingest.errors import CitewellError


class QuestionError(CitewellError):
    """The question can't be asked like this."""


class EmptyQuestion(QuestionError):
    """There are no words in it."""


class QuestionTooLong(QuestionError):
    """It is longer than a question may be."""
