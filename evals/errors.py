"""What can go wrong in an evaluation, as a tree below `CitewellError`.

CitewellError
└── EvalError          each message names the file, the line where there is one, and the mend
    ├── FactsError     a file of known facts can't be read or is not valid
    ├── RunError       a run folder is missing, unfinished or of another kind
    ├── BaselineError  there is no baseline to compare with, or it can't be read
    └── BenchError     a public set is not where it was said to be
"""

from ingest.errors import CitewellError


class EvalError(CitewellError):
    """An evaluation can't be done."""


class FactsError(EvalError):
    """A file of known facts can't be read or is not valid."""


class RunError(EvalError):
    """A run folder is missing, unfinished or of another kind."""


class BaselineError(EvalError):
    """There is no baseline to compare with, or it can't be read."""


class BenchError(EvalError):
    """A public set is not where it was said to be."""
