"""What ingest makes: documents, and the passages they are cut into."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple

PassageKind = Literal["paragraph", "list", "table", "row"]
MAX_TITLE = 120  # characters of a title that are embedded; the rest would take the room of the text
UnitKind = Literal["sentence", "item", "row", "heading"]
BlockKind = Literal["heading", "paragraph", "list", "table"]


class Span(NamedTuple):
    """Characters `start` to `end` of a text, the end not among them."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text. `parts` are the items of a list or the rows of a table below its `header`."""

    kind: BlockKind
    span: Span
    level: int = 0
    parts: tuple[Span, ...] = ()
    header: Span | None = None


class Mark(NamedTuple):
    """Where a page, a slide or a row begins, in the words of a person: `page 3`. It goes on to the next mark."""

    start: int
    label: str


def marks_within(marks: Sequence[Mark], span: Span) -> tuple[Mark, ...]:
    """The mark that a span begins under, and those that begin inside it.

    >>> marks_within([Mark(0, "page 1"), Mark(50, "page 2"), Mark(90, "page 3")], Span(60, 90))
    (Mark(start=50, label='page 2'),)
    """
    first = bisect_right(marks, span.start, key=lambda mark: mark.start)
    last = bisect_right(marks, span.end - 1, key=lambda mark: mark.start)
    return tuple(marks[max(0, first - 1) : last])


class Unit(NamedTuple):
    """The smallest part of a passage that can be quoted: characters `start` to `end` of the document's text."""

    kind: UnitKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the corpus, with what its front matter or its text says about it.

    `text` of a Markdown or text file is the decoded file after its front matter, unchanged; of another format
    it is what its reader wrote down, and `blocks` says which parts it has (None: by the marks in the text).
    Every span in Citewell counts characters of it. Fields that the file does not give are empty; `title_is`,
    `date_is` and `author_is` say where those were found. `blocks` and `marks` are not kept: passages have them.
    """

    id: str
    text: str
    content_hash: str
    title: str
    date: str = ""
    date_is: str = ""
    kind: str = ""
    status: str = ""
    superseded_by: tuple[str, ...] = ()
    publisher: str = ""
    owner: str = ""
    source: str = ""
    audience: str = "staff"
    title_is: str = ""
    author: str = ""
    author_is: str = ""
    blocks: tuple[Block, ...] | None = field(default=None, repr=False)
    marks: tuple[Mark, ...] = field(default=(), repr=False)

    def about(self) -> dict[str, object]:
        """What is known about the document beside its text: everything that is kept of it."""
        return {name: getattr(self, name) for name in ABOUT}


ABOUT = tuple(one.name for one in fields(Document) if one.name not in ("id", "text", "content_hash", "blocks", "marks"))


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is embedded and found as one.

    `document.text[start:end] == text`. `headings` is the path of headings above it, outermost first;
    `context` is what it needs to be understood and does not contain: the lead-in sentence of a list
    that was cut, or the header of a table. `units` are its sentences, items or rows in reading order.
    `ordinal` counts the passages of a document from 0.
    """

    document_id: str
    content_hash: str
    ordinal: int
    start: int
    end: int
    text: str
    kind: PassageKind
    headings: tuple[str, ...] = ()
    context: str = ""
    units: tuple[Unit, ...] = ()
    marks: tuple[Mark, ...] = ()

    def mark_at(self, place: int) -> str:
        """The label of the mark that a place of the document's text stands under; empty without one."""
        before = [mark.label for mark in self.marks if mark.start <= place]
        return before[-1] if before else ""

    def __hash__(self) -> int:
        # Of the fields that tell passages apart: dozens are looked up for a question, and units are many.
        return hash((self.document_id, self.content_hash, self.start, self.end))

    @property
    def id(self) -> str:
        """A short name that is the same for the same place in the same version of a document."""
        key = f"{self.document_id}\0{self.content_hash}\0{self.start}\0{self.end}"
        return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def embedded_prefix(title: str, passage: Passage) -> str:
    """What is embedded in front of a passage: title, headings and context, a line each.

    >>> passage = Passage("a.md", "h", 0, 0, 2, "42", "row", ("Plan", "2 Networks"), "Area | Networks")
    >>> embedded_prefix("Plan", passage)
    'Plan > 2 Networks\\nArea | Networks\\n'
    """
    path = [title[:MAX_TITLE], *(heading for heading in passage.headings if heading != title)]
    lines = [" > ".join(part for part in path if part), passage.context]
    return "".join(f"{line}\n" for line in lines if line)
