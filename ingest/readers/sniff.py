"""Tell by its first bytes what a file holds."""

import io
import re
import zipfile

from ingest.errors import DamagedDocument, EmptyDocument, EncryptedDocument, MisnamedDocument

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of Office before 2007, and of what Office encrypts
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
ZIP = b"PK\x03\x04"
HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
OFFICE_PARTS = {"word/document.xml": ".docx", "ppt/presentation.xml": ".pptx", "xl/workbook.xml": ".xlsx"}
NAMES = {
    ".pdf": "a PDF",
    ".docx": "a Word document",
    ".pptx": "a PowerPoint presentation",
    ".xlsx": "an Excel workbook",
    ".html": "a web page",
}
ALIKE = {".htm": ".html"}
# HTML is text, and people write Markdown and mails that begin with it.
MAY_HOLD_HTML = frozenset({".md", ".txt", ".eml", ".html"})


def refuse_misnamed(suffix: str, data: bytes) -> None:
    """Raise an `UnreadableDocument` where the bytes are not those of a file with this suffix."""
    suffix = ALIKE.get(suffix, suffix)
    if not data:
        raise EmptyDocument("it is empty")
    found = suffix_of(data)
    if found and found != suffix and not (found == ".html" and suffix in MAY_HOLD_HTML):
        raise MisnamedDocument(f"it is named {suffix} and holds {NAMES[found]}; rename it to end in {found}")
    if suffix in NAMES and suffix != ".html" and found is None:
        if data.startswith(OLE) and suffix != ".pdf":
            if ENCRYPTED_OFFICE in data:
                raise EncryptedDocument("it is protected by a password; save it without one")
            raise MisnamedDocument(f"it is of an Office before 2007; save it as {suffix}")
        raise DamagedDocument(f"it is damaged, or not {NAMES[suffix]}")


def suffix_of(data: bytes) -> str | None:
    """The suffix that a file with these bytes should have, where the bytes tell.

    >>> suffix_of(b"%PDF-1.7 ..."), suffix_of(b"<!DOCTYPE html><p>"), suffix_of(b"Plain text")
    ('.pdf', '.html', None)
    """
    # A PDF may have up to 1024 bytes before it: ISO 32000-1, annex H, implementation note 13.
    if b"%PDF-" in data[:1024]:
        return ".pdf"
    if data.startswith(ZIP):
        return _office_suffix(data)
    if HTML.match(data[:4096]):
        return ".html"
    return None


def _office_suffix(data: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = file.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return next((suffix for part, suffix in OFFICE_PARTS.items() if part in names), None)
