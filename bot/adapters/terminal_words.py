"""Show the words of the documents as text for a terminal."""

import textwrap
from collections.abc import Iterable, Sequence

from bot.new_terms import Row
from bot.types import Citation
from bot.words import Told, Word

WIDTH = 100
LONGEST_QUOTE = 300  # characters shown in a list; one word alone is shown with whole quotations


def word_list(words: Sequence[Word]) -> str:
    """All words: those that documents explain, those they only use, and those that only the owners have."""
    explained = [_entry(word, most=LONGEST_QUOTE) for word in words if word.status == "explained"]
    used = [f"{word.term:<12}{_place(word.used[0])}" for word in words if word.status == "used_not_expanded"]
    owned = [word for word in words if word.status == "owners_only"]
    return "\n\n".join(
        [
            *(explained or ["The documents explain no words."]),
            *_titled("Used, not expanded: the documents use these and spell them out nowhere", used),
            *_titled("In the content owners' words (terms.md), no quotations", [_owners_line(word) for word in owned]),
        ]
    )


def word_entry(word: Word) -> str:
    """One word with all that is known about it."""
    return _entry(word, most=None)


def row_list(rows: Iterable[Row]) -> str:
    """Rows for terms.md, ready to paste, and what to add to rows that are there."""
    every = list(rows)
    new = [row for row in every if not row.is_kept]
    added = [row for row in every if row.is_kept]
    parts = []
    if new:
        table = ["| Term | People also say | Meaning |", "|---|---|---|", *(row.as_table_row() for row in new)]
        parts.append("\n".join(table))
    parts += _titled("Or add to rows that terms.md has", [f"{row.term}: {row.said}" for row in added])
    asked = [f"{row.said}: {'; '.join(row.questions[:3])}" for row in every]
    parts += _titled("Asked, and not answered", asked)
    return "\n\n".join(parts) or "No unanswered question has a word that the documents and terms.md don't have."


def _titled(title: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([title, *(f"  {line}" for line in lines)])] if lines else []


def _entry(word: Word, *, most: int | None) -> str:
    both = word.long and word.long.lower() != word.term.lower()
    lines = [f"{word.term}: {word.long}" if both else word.term]
    for told in word.meanings:
        lines += _meaning(told, most)
    if word.status == "used_not_expanded":
        lines.append("  Used, not expanded: the documents spell it out nowhere. It stands here:")
        for citation in word.used:
            lines += [_wrapped(f"“{_cut(citation.quote, most)}”", "    "), f"      {_place(citation)}"]
    if word.owners_meaning:
        lines.append(_wrapped(f"In the content owners' words, no quotation: {word.owners_meaning}", "  "))
    if word.people_also_say and most is None:
        lines.append(_wrapped(f"People also say: {', '.join(word.people_also_say)}", "  "))
    return "\n".join(lines)


def _meaning(told: Told, most: int | None) -> list[str]:
    when = f"{told.date}  " if told.date else ""
    return [_wrapped(f"{when}“{_cut(told.citation.quote, most)}”", "  "), f"    {_place(told.citation)}"]


def _owners_line(word: Word) -> str:
    both = f" ({word.term})" if word.long else ""
    return f"{word.long or word.term}{both}: {word.owners_meaning}"


def _place(citation: Citation) -> str:
    return f"{citation.document_id}, {citation.locator}"


def _cut(quote: str, most: int | None) -> str:
    text = " ".join(quote.split())
    return text if most is None or len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
