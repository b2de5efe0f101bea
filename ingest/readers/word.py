"""Read Word documents: mammoth makes HTML of their styles, which is read as a web page is.

Headers, footers, comments and what was deleted with changes tracked are no part of that HTML.
"""

import io
import zipfile

import mammoth
from lxml import etree

from ingest.errors import DamagedDocument
from ingest.readers.draft import Draft
from ingest.readers.office import opened, properties_of, shortly
from ingest.readers.page import add_content, parsed
from ingest.types import Document

MAIN = "word/document.xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Beside mammoth's own: the title, deep headings, and the table of contents, which repeats the headings.
STYLES = "\n".join(
    [
        "p[style-name='Title'] => h1:fresh",
        "p[style-name='Subtitle'] => p:fresh",
        *(f"p[style-name='{name} {level}'] => !" for name in ("toc", "TOC") for level in range(1, 10)),
        "p[style-name='TOC Heading'] => !",
        "p[style-name='Caption'] => p:fresh",
    ]
)
OFF = ("0", "false", "off")


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a .docx file."""
    with opened(data) as file:
        properties = properties_of(file)
        shown = _without_hidden(file)
        try:
            html = mammoth.convert_to_html(
                shown, style_map=STYLES, convert_image=mammoth.images.img_element(lambda image: {})
            ).value
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise DamagedDocument(f"it is damaged: a part is missing or malformed ({shortly(error)})") from error
    draft = Draft()
    add_content(draft, parsed(html))
    return draft.document(document_id, content_hash, properties)


def _without_hidden(file: zipfile.ZipFile) -> io.BytesIO:
    """Copy a file without what is formatted as hidden, which a reader of the document doesn't see."""
    try:
        main = file.read(MAIN)
        root = etree.fromstring(main, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (KeyError, etree.XMLSyntaxError) as error:
        raise DamagedDocument("it is damaged: its text is missing or malformed") from error
    for mark in list(root.iter(f"{WORD}vanish", f"{WORD}webHidden")):
        run = next(mark.iterancestors(f"{WORD}r"), None)
        if run is not None and mark.get(f"{WORD}val") not in OFF:
            parent = run.getparent()
            if parent is not None:
                parent.remove(run)
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as target:
        for part in file.infolist():
            if part.filename.startswith("word/media/"):
                continue
            target.writestr(part.filename, etree.tostring(root) if part.filename == MAIN else file.read(part))
    copy.seek(0)
    return copy
