"""What can go wrong, as a tree; each message says what is wrong and what to do next.

CitewellError
├── SettingsError       a setting has a value that can't be used
├── CorpusError         the folder of documents can't be read
├── UnreadableDocument  one file can't be read; the others can
│   ├── EmptyDocument      it has nothing to read
│   ├── NotText            it is neither text nor of a format that can be read
│   ├── MisnamedDocument   it is of another format than its name says
│   ├── EncryptedDocument  it opens with a password only
│   ├── DamagedDocument    it is cut short or malformed
│   ├── DangerousDocument  it would unpack to far more than it seems
│   └── NoTextLayer        its pages are pictures, and they can't be recognised here
├── ReaderError         the process that reads files can't be started
├── DataFolderError     the data folder can't be read or written
├── IndexBusy           another process is writing the index
├── NoIndex             nothing was ingested yet
├── IndexDamaged        what is stored can't be read
├── IndexMismatch       the index was built for another embedder or by another version
├── IndexUnreachable    the Chroma server doesn't answer
└── WeightsError        a model's weights are missing or not the ones they should be
"""


class CitewellError(Exception):
    """The root: a sentence for the person, never a traceback."""


class SettingsError(CitewellError):
    """A setting has a value that can't be used."""


class CorpusError(CitewellError):
    """The folder of documents can't be read."""


class UnreadableDocument(CitewellError):
    """One file can't be read; the others can."""


class ReaderError(CitewellError):
    """The process that reads files can't be started."""


class EmptyDocument(UnreadableDocument):
    """It has nothing to read."""


class NotText(UnreadableDocument):
    """It is neither text nor of a format that can be read."""


class MisnamedDocument(UnreadableDocument):
    """It is of another format than its name says."""


class EncryptedDocument(UnreadableDocument):
    """It opens with a password only."""


class DamagedDocument(UnreadableDocument):
    """It is cut short or malformed."""


class DangerousDocument(UnreadableDocument):
    """It would unpack to far more than it seems."""


class NoTextLayer(UnreadableDocument):
    """Its pages are pictures, and they can't be recognised here."""


class DataFolderError(CitewellError):
    """The data folder can't be read or written."""


class IndexBusy(CitewellError):
    """Another process is writing the index."""


class NoIndex(CitewellError):
    """Nothing was ingested yet."""


class IndexDamaged(CitewellError):
    """What is stored can't be read."""


class IndexMismatch(CitewellError):
    """The index was built for another embedder or by another version of Citewell."""


class IndexUnreachable(CitewellError):
    """The Chroma server doesn't answer."""


class WeightsError(CitewellError):
    """A model's weights are missing or not the ones they should be."""
