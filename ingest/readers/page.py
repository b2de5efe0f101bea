"""Read web pages: what a visitor sees of the content, as headings, paragraphs, lists and tables.

Nothing of a page is executed or fetched: it is parsed, and scripts are thrown away unread.
"""

import re
from collections.abc import Iterator

from lxml import etree

from ingest.errors import DamagedDocument, EmptyDocument
from ingest.readers.about import Properties, iso_date
from ingest.readers.clutter import text_in, without_clutter
from ingest.readers.draft import Draft, Item, one_line
from ingest.readers.grid import grid_of
from ingest.readers.text import decoded
from ingest.types import Document

Element = etree._Element
CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table "
    "tbody td tfoot th thead tr ul".split()
)
MARK = re.compile(r"\[?(?:\d{1,3}|[*†‡§¶#↑^])\]?")
SPACE = re.compile(r"[ \t\r\n\f]+")
DOUBLED = re.compile(r" {2,}")
BESIDE_BREAK = re.compile(r" *\n *")
LISTS = frozenset({"ul", "ol", "menu", "dir"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
DEEPEST = 120  # elements inside each other; what is deeper is read as running text, and no page made by people is
DATES = ("article:published_time", "dcterms.date", "dc.date", "dcterms.modified", "article:modified_time", "date")


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a web page."""
    draft = Draft()
    properties = add_html(draft, _text_of(data))
    return draft.document(document_id, content_hash, properties)


def add_html(draft: Draft, text: str) -> Properties:
    """Add the content of a page to a draft, and return what the page says of itself."""
    root = parsed(text)
    properties = _properties(root)
    add_content(draft, without_clutter(root))
    return properties


def add_content(draft: Draft, element: Element) -> None:
    """Add all that is in an element to a draft."""
    _Writing(draft, element).add(element)


def parsed(text: str) -> Element:
    """Parse HTML as browsers do, whatever is wrong with it; raise `EmptyDocument` where nothing is in it."""
    # The parser is told the encoding of these bytes, or a declaration in the page would be believed instead.
    # With huge_tree, what is nested deeper than 256 elements is still read, and not left out without a word.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace") or b" ", parser)
    if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
        raise DamagedDocument("its elements are nested more than 2,000 deep")
    if root is None:
        raise EmptyDocument("it has no text")
    return root


def _text_of(data: bytes) -> str:
    """Decode a page: as it says it is encoded, if that is true."""
    declared = CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and b"\0" not in data[:8192]:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, ValueError):
            pass
    return decoded(data)


def _properties(root: Element) -> Properties:
    meta = {
        str(one.get("name") or one.get("property") or "").lower(): str(one.get("content") or "")
        for one in root.iter("meta")
    }
    title = next((one_line(text_in(one)) for one in root.iter("title")), "")
    dates = (iso_date(meta.get(name, "")) for name in DATES)
    author = meta.get("author") or meta.get("dcterms.creator") or meta.get("dc.creator") or ""
    return Properties(title, next((found for found in dates if found), ""), author)


class _Writing:
    """Goes through a page and writes its parts into a draft."""

    def __init__(self, draft: Draft, root: Element) -> None:
        self._draft = draft
        # Elements around others that begin a line: an <a> around a <div> is no running text.
        self._around: set[Element] = set()
        for one in root.iter(*BLOCKS):
            parent = one.getparent()
            while parent is not None and parent not in self._around:
                self._around.add(parent)
                parent = parent.getparent()

    def add(self, element: Element, depth: int = 0) -> None:
        """Add an element; text that stands between its blocks makes paragraphs."""
        running: list[str] = [_spaced(element.text)]
        for child in element.iterchildren("*"):
            if self._is_block(child):
                self._flush(running)
                self._add_block(child, depth + 1)
            else:
                running.append(_running(child))
            running.append(_spaced(child.tail))
        self._flush(running)

    def _is_block(self, element: Element) -> bool:
        return element.tag in BLOCKS or element in self._around

    def _flush(self, running: list[str]) -> None:
        self._draft.paragraph(_collapsed("".join(running)), lines=True)
        running.clear()

    def _add_block(self, element: Element, depth: int) -> None:
        tag = str(element.tag)
        if depth > DEEPEST:
            self._draft.paragraph(inline(element))
        elif tag in HEADINGS:
            self._draft.heading(inline(element), HEADINGS[tag])
        elif tag == "pre":
            self._draft.paragraph(inline(element, verbatim=True), lines=True)
        elif tag in LISTS:
            self._add_list(element, depth)
        elif tag == "dl":
            self._add_definitions(element, depth)
        elif tag == "table":
            self._add_table(element, depth)
        else:
            self.add(element, depth)

    def _add_list(self, element: Element, depth: int) -> None:
        if any(one.tag in HEADINGS or one.tag in ("table", "pre", "dl") for one in element.iter(*BLOCKS)):
            self.add(element, depth)  # a list of whole sections
        else:
            self._draft.items(_items(element, 0))

    def _add_definitions(self, element: Element, depth: int) -> None:
        """A term with a short explanation is an item; a longer one is what the text under it is about."""
        entries = list(_entries(element))
        if all(detail is None or detail not in self._around for _, detail in entries):
            self._draft.items(
                Item(0, ": ".join(filter(None, (term.rstrip(":"), inline(detail) if detail is not None else ""))))
                for term, detail in entries
            )
            return
        for term, detail in entries:
            self._draft.paragraph(f"{term.rstrip(':')}:" if term and detail is not None else term)
            if detail is not None:
                self.add(detail, depth + 1)

    def _add_table(self, element: Element, depth: int) -> None:
        """A table of data; one that merely arranges the page is read as what stands in it."""
        nested = next(element.iterdescendants("table", *HEADINGS), None) is not None
        arranges = nested or element.get("role") in ("presentation", "none")
        header, body = ([], []) if arranges else grid_of(element, inline)
        if not body:
            self.add(element, depth)
            return
        self._draft.paragraph(next((inline(one) for one in element.iterchildren("caption")), ""))
        self._draft.table(body, header=header)


def _items(element: Element, depth: int) -> Iterator[Item]:
    """The items of a list, those of lists inside it one deeper."""
    start = str(element.get("start") or "1")
    number = int(start) if start.isdecimal() and len(start) < 9 else 1
    for child in element.iterchildren("*"):
        if child.tag in LISTS:
            yield from _items(child, depth + 1)
            continue
        inner = [one for one in child.iterdescendants(*LISTS) if _list_above(one, child)]
        yield Item(depth, inline(child, without=frozenset(inner)), f"{number}." if element.tag == "ol" else "-")
        number += 1
        for one in inner:
            if depth < DEEPEST:
                yield from _items(one, depth + 1)


def _list_above(element: Element, item: Element) -> bool:
    """Whether no other list stands between an item and a list in it."""
    parent = element.getparent()
    while parent is not None and parent is not item:
        if parent.tag in LISTS:
            return False
        parent = parent.getparent()
    return True


def _entries(element: Element) -> Iterator[tuple[str, Element | None]]:
    """Terms with their explanations; several terms of one explanation are one."""
    terms: list[str] = []
    for child in element.iter("dt", "dd"):
        owner = next(child.iterancestors("dl"), None)
        if owner is not element:
            continue
        if child.tag == "dt":
            terms.append(inline(child))
        else:
            yield ", ".join(term for term in terms if term), child
            terms = []
    if terms:
        yield ", ".join(terms), None


def inline(element: Element, *, verbatim: bool = False, without: frozenset[Element] = frozenset()) -> str:
    """The text of an element, with blanks where its parts stand apart; marks of footnotes are left out."""
    text = _running(element, verbatim=verbatim, without=without)
    return text if verbatim else _collapsed(text)


def _running(element: Element, *, verbatim: bool = False, without: frozenset[Element] = frozenset()) -> str:
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if event == "start":
            if one in without or _is_reference_mark(one):
                walk.skip_subtree()
                continue
            pieces.append("\n" if one.tag == "br" else " " if one.tag in BLOCKS else "")
            pieces.append(one.text or "" if verbatim else _spaced(one.text))
            continue
        pieces.append(" " if one.tag in BLOCKS and not verbatim else "")
        if one is not element:
            pieces.append(one.tail or "" if verbatim else _spaced(one.tail))
    return "".join(pieces)


def _is_reference_mark(element: Element) -> bool:
    """Whether an element is the mark of a footnote, the way back from one, or the link of a heading to itself."""
    if element.tag != "a" and element.tag != "sup":
        return False
    link = element if element.tag == "a" else next(element.iterdescendants("a"), None)
    if link is None or not str(link.get("href") or "").startswith("#"):
        return False
    text = one_line(text_in(element))
    return element.tag == "sup" or len(text) <= 1 or MARK.fullmatch(text) is not None


def _spaced(text: str | None) -> str:
    return SPACE.sub(" ", text or "")


def _collapsed(text: str) -> str:
    return BESIDE_BREAK.sub("\n", DOUBLED.sub(" ", text)).strip()
