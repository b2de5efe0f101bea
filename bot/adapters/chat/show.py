"""Show what a chat has to show: an answer in short, why it was given, and a quotation in its document."""

import re

from rich.text import Text

from bot.adapters.terminal import about, hanging, wrapped
from bot.types import Answer, Citation
from ingest.types import Document, Passage

AROUND = 300  # characters of the document before and after the passage: a few lines
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a document could steer a terminal with
MARKED = "bold reverse"


def answer_in_short(answer: Answer) -> str:
    """An answer with a line for each source."""
    parts = [wrapped(answer.text)]
    if answer.citations:
        title = (
            "Nearest passages (:1 opens the first)" if answer.status == "not_found" else "Sources (:1 opens the first)"
        )
        parts.append("\n".join([title, *map(_source_line, answer.citations)]))
    if answer.suggestions:
        parts.append("\n".join(["You could ask", *(f"  {question}" for question in answer.suggestions)]))
    if answer.notice:
        parts.append(wrapped(f"({answer.notice})"))
    return "\n\n".join(parts)


def why(answer: Answer) -> str:
    """How a question was understood, and what its answer rests on."""
    steps = ", ".join(f"{name} {value:g}" for name, value in answer.timings_ms.items() if name != "total")
    lines = [
        f"Asked          {answer.question}",
        f"Understood as  {answer.standalone_question or 'no question to the documents'}",
        f"Answer         {answer.status}, by the answerer '{answer.answerer}', "
        f"in {answer.timings_ms.get('total', 0):g} ms ({steps})",
    ]
    if answer.missing:
        lines.append(f"Missing        {answer.missing}")
    lines += [f"Rests on       [{one.number}] {_place(one)}, score {one.score:.2f}" for one in answer.citations]
    lines += [
        f"But            “{one.says}” says [{one.number}]{f', {one.date}' if one.date else ''}"
        for one in answer.conflicts
    ]
    return "\n".join(hanging(line, 15) for line in lines)


def in_its_document(citation: Citation, document: Document | None, passage: Passage | None) -> Text:
    """A quotation where it stands, marked, with the text around it."""
    title = Text(f"[{citation.number}] {citation.title}{about(citation)}\n    {_place(citation)}\n\n")
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        changed = "is not in the index any more" if document is None else "has changed since"
        return title + Text(f"The document {changed}. The quotation was:\n") + _marked(citation.quote)
    first = passage.start if passage else citation.start
    last = passage.end if passage else citation.end
    begin = _line_start(document.text, first - AROUND)
    end = _line_end(document.text, last + AROUND)
    before, after = document.text[begin : citation.start], document.text[citation.end : end]
    return (
        title
        + Text("…\n" if begin else "")
        + Text(printable(before))
        + _marked(citation.quote)
        + Text(printable(after).rstrip())
        + Text("\n…" if document.text[end:].strip() else "")
    )


def printable(text: str) -> str:
    """A text that can only be read, and doesn't steer the terminal.

    >>> printable("red\\x1b[31m\\r\\n")
    'red[31m\\n'
    """
    return CONTROL.sub("", text)


def _marked(quote: str) -> Text:
    # Arrows as well, for those who don't see colours and for files.
    return Text("»", MARKED) + Text(printable(quote), MARKED) + Text("«", MARKED)


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1 if position > 0 else 0


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def _source_line(citation: Citation) -> str:
    return hanging(f"  [{citation.number}] {_place(citation)}{about(citation)}", 6)


def _place(citation: Citation) -> str:
    return f"{citation.document_id}, {citation.locator}"
