"""Cut documents into passages."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import sentencex

from ingest.structure import GUESSED, blocks_of
from ingest.types import Block, Document, Passage, PassageKind, Span, Unit, UnitKind, embedded_prefix, marks_within

Count = Callable[[str], int]

SOFT_LIMIT = 110  # word pieces; paragraphs of a section are joined up to here: `citewell eval bench` compares sizes
LONG_ITEM = 400  # characters; an item longer than this is answered from by its sentences
MAX_HEADING = 120  # characters of a heading or header kept as context


def split(document: Document, count: Count, *, limit: int) -> list[Passage]:
    """Cut a document into passages of at most `limit` word pieces, what is put in front of them included.

    `count` gives the number of word pieces of a text, by the tokenizer of the embedder. Headings stay with
    what is under them, a list with its lead-in, a table row with the header of its table.
    """
    passages: list[Passage] = []
    for group in _joined(document, _groups(document), count):
        passages.extend(_cut(document, group, count, limit=limit, first_ordinal=len(passages)))
    return passages


@dataclass(slots=True)
class _Group:
    """Units that belong together under one path of headings."""

    kind: PassageKind
    units: list[Unit]
    headings: tuple[str, ...]
    context: str = ""  # for what is cut off from the beginning, or for the rows of a table
    section: int = 0


def _groups(document: Document) -> Iterator[_Group]:
    """Take blocks together that can't be understood apart: a heading or lead-in with what follows it."""
    path: list[tuple[int, str]] = []
    section = 0
    waiting: list[Unit] = []  # guessed headings, part of the text that follows them
    lead: _Group | None = None
    for block in _blocks(document):
        if block.kind == "heading":
            if lead:
                yield lead
                lead = None
            path = [entry for entry in path if entry[0] < block.level]
            path.append((block.level, _line(document.text, block.span)))
            section += 1
            if block.level >= GUESSED:
                waiting.append(Unit("heading", *block.span))
            else:
                yield from _headings_alone(waiting, path, section)
                waiting = []
            continue
        headings = tuple(text for _, text in path)
        group = _Group(_kind(block), [*waiting, *_units(document.text, block)], headings, section=section)
        waiting = []
        if block.kind == "table":
            group.context = _line(document.text, block.header) if block.header else ""
        if lead and block.kind == "table":
            group.context = f"{lead.context}\n{group.context}".strip()
            yield lead
        elif lead:
            group.units = [*lead.units, *group.units]
            group.context = lead.context
        lead = None
        last = group.units[-1]
        if block.kind != "table" and document.text[last.start : last.end].endswith(":"):
            group.context = _line(document.text, Span(last.start, last.end))
            lead = group
            continue
        yield group
    if lead:
        yield lead
    yield from _headings_alone(waiting, path, section)


def _blocks(document: Document) -> Sequence[Block]:
    if document.blocks is not None:
        return document.blocks
    return blocks_of(document.text, markdown=document.id.lower().endswith(".md"))


def _headings_alone(units: list[Unit], path: list[tuple[int, str]], section: int) -> Iterator[_Group]:
    if units:
        yield _Group("paragraph", units, tuple(text for _, text in path), section=section)


def _kind(block: Block) -> PassageKind:
    match block.kind:
        case "list":
            return "list"
        case "table":
            return "table"
        case _:
            return "paragraph"


def _units(text: str, block: Block) -> Iterator[Unit]:
    match block.kind:
        case "table":
            yield from (Unit("row", *row) for row in block.parts)
        case "list":
            for item in block.parts:
                if item.end - item.start <= LONG_ITEM:
                    yield Unit("item", *item)
                else:
                    kind: UnitKind = "item"
                    for sentence in sentences(text, item):
                        yield Unit(kind, *sentence)
                        kind = "sentence"
        case _:
            yield from (Unit("sentence", *sentence) for sentence in sentences(text, block.span))


def sentences(text: str, span: Span) -> Iterator[Span]:
    """Cut a span into sentences, without the white space between them.

    >>> text = "There are 42 networks. Dr. Smith counted 43 in 2020."
    >>> [text[start:end] for start, end in sentences(text, Span(0, len(text)))]
    ['There are 42 networks.', 'Dr. Smith counted 43 in 2020.']
    """
    at = span.start
    for sentence in sentencex.segment("en", text[span.start : span.end]):
        start, at = at, at + len(sentence)
        stripped = sentence.strip()
        if stripped:
            start += len(sentence) - len(sentence.lstrip())
            yield Span(start, start + len(stripped))


def _joined(document: Document, groups: Iterable[_Group], count: Count) -> Iterator[_Group]:
    """Join short groups of one section, so that a passage says enough to be found."""
    current: _Group | None = None
    for group in groups:
        if current and _may_join(current, group):
            span = document.text[current.units[0].start : group.units[-1].end]
            if count(span) <= SOFT_LIMIT:
                kind: PassageKind = "list" if "list" in (current.kind, group.kind) else "paragraph"
                current = _Group(
                    kind, [*current.units, *group.units], current.headings, group.context, section=group.section
                )
                continue
        if current:
            yield current
        current = group
    if current:
        yield current


def _may_join(first: _Group, second: _Group) -> bool:
    return "table" not in (first.kind, second.kind) and first.section == second.section


def _cut(document: Document, group: _Group, count: Count, *, limit: int, first_ordinal: int) -> Iterator[Passage]:
    """Make passages of a group, as few as the limit allows; a table is cut between rows near the soft limit."""
    room = _room(document, group, count, limit)
    whole = SOFT_LIMIT if group.kind == "table" else room
    ordinal = first_ordinal
    units = [piece for unit in group.units for piece in _short_enough(document.text, unit, count, room)]
    taken: list[Unit] = []
    for unit in units:
        if taken and count(document.text[taken[0].start : unit.end]) > min(whole, room):
            yield _passage(document, group, taken, ordinal, begins=ordinal == first_ordinal)
            ordinal += 1
            taken = []
        taken.append(unit)
    if taken:
        yield _passage(document, group, taken, ordinal, begins=ordinal == first_ordinal)


def _room(document: Document, group: _Group, count: Count, limit: int) -> int:
    """Word pieces left for the text after special tokens, title, headings and context."""
    room = 0
    for of_context, of_heading, enough in (
        (len(group.context), MAX_HEADING, limit // 2),
        (MAX_HEADING, MAX_HEADING, limit // 2),
        (0, MAX_HEADING, limit // 4),
        (0, MAX_HEADING // 3, limit // 4),
        (0, 0, 0),
    ):
        group.context = group.context[:of_context]
        group.headings = tuple(heading[:of_heading] for heading in group.headings[-3:] if of_heading)
        empty = Passage(document.id, "", 0, 0, 0, "", group.kind, group.headings, group.context)
        room = limit - 2 - count(embedded_prefix(document.title, empty))
        if room >= enough:
            break
    return room


def _short_enough(text: str, unit: Unit, count: Count, room: int) -> Iterator[Unit]:
    """Cut a sentence, item or row that is longer than a passage may be."""
    content = text[unit.start : unit.end]
    if count(content) <= room:
        yield unit
        return
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # a third of a second, and seldom needed

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=room,
        chunk_overlap=0,
        length_function=count,
        separators=["\n\n", "\n", ". ", "; ", ", ", " ", ""],
        keep_separator="end",
        add_start_index=True,
        strip_whitespace=True,
    )
    for piece in splitter.create_documents([content]):
        start = unit.start + piece.metadata["start_index"]
        yield Unit(unit.kind, start, start + len(piece.page_content))


def _passage(document: Document, group: _Group, units: list[Unit], ordinal: int, *, begins: bool) -> Passage:
    start, end = units[0].start, units[-1].end
    kind = group.kind
    if kind == "table" and len(units) == 1:
        kind = "row"
    needs_context = group.kind == "table" or not begins
    return Passage(
        document_id=document.id,
        content_hash=document.content_hash,
        ordinal=ordinal,
        start=start,
        end=end,
        text=document.text[start:end],
        kind=kind,
        headings=group.headings,
        context=group.context if needs_context else "",
        units=tuple(units),
        marks=marks_within(document.marks, Span(start, end)),
    )


def _line(text: str, span: Span) -> str:
    """The text of a span on one line, without the bars of a table."""
    return " ".join(text[span.start : span.end].replace("\t", " | ").strip("| \t").split())
