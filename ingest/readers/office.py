"""What Word, PowerPoint and Excel files have in common: a ZIP of XML that must not be trusted."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser
from lxml import etree

from ingest.errors import DamagedDocument, DangerousDocument, EncryptedDocument
from ingest.readers.about import NO_AUTHOR, Properties

# A workbook of 100,000 rows unpacks to 30 MB, ten times its size; a bomb to gigabytes, a thousand times its size.
LARGEST = 1_000_000_000  # bytes of all parts together
LARGEST_RATIO = 200
LARGEST_PART_AT_ANY_RATIO = 20_000_000  # bytes; below that, a part of blanks is only badly made
LONGEST_REASON = 120  # characters
XML_SUFFIXES = (".xml", ".rels", ".vml")
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
SAFE = etree.XMLParser(resolve_entities=False, no_network=True)
TERMS = "{http://purl.org/dc/terms/}"


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """Open an Office file after looking for bombs in it; raise the `UnreadableDocument` that says what is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            refuse_bombs(file)
            yield file
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise DamagedDocument(f"it is damaged: it can't be unpacked ({shortly(error)})") from error


def refuse_bombs(file: zipfile.ZipFile) -> None:
    """Raise `DangerousDocument` where the parts are too large, or where the XML defines entities.

    `zipfile` never unpacks more than a part's stated size, so what is stated can be believed.
    """
    parts = file.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedDocument("it is protected by a password; save it without one")
    if sum(part.file_size for part in parts) > LARGEST:
        raise DangerousDocument("it would unpack to more than a gigabyte, as a ZIP bomb does")
    for part in parts:
        bloated = part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
        if part.file_size > LARGEST_PART_AT_ANY_RATIO and bloated:
            raise DangerousDocument(
                f"its part {part.filename[:80]!r} would unpack to {part.file_size:,} bytes, as a ZIP bomb does"
            )
    for part in parts:
        if part.filename.endswith(XML_SUFFIXES):
            _refuse_entities(file, part)


class _Begun(Exception):
    """The first element was met."""


class _UntilBegun(ContentHandler):
    def startElement(self, name: str, attrs: object) -> None:  # noqa: ARG002, N802
        raise _Begun


def _refuse_entities(file: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part up to its first element: definitions can stand only before that. Office writes none."""
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(_UntilBegun())
    try:
        with file.open(part) as stream:
            while chunk := stream.read(65536):
                parser.feed(chunk)
    except DefusedXmlException as error:
        raise DangerousDocument(f"its part {part.filename[:80]!r} defines entities, as an XML bomb does") from error
    except (_Begun, SAXException):  # what is malformed is said by the library that reads the part, if it is needed
        return


def shortly(error: Exception) -> str:
    """What a library says of a fault, on one line."""
    return " ".join(str(error).split())[:LONGEST_REASON]


def properties_of(file: zipfile.ZipFile) -> Properties:
    """Title, author and date of last change out of the core properties; what isn't there or is broken is empty."""
    try:
        root = etree.fromstring(file.read("docProps/core.xml"), SAFE)
    except (KeyError, etree.XMLSyntaxError):
        return Properties()

    def said(name: str) -> str:
        return (root.findtext(name) or "").strip()

    author = said(f"{DUBLIN}creator")
    changed = said(f"{TERMS}modified") or said(f"{TERMS}created")
    return Properties(said(f"{DUBLIN}title"), changed[:10], "" if NO_AUTHOR.fullmatch(author) else author)
