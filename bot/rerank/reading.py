"""What the reranker reads of a unit: its words, then where they stand."""

from bot.wording import plain, said
from ingest.types import Passage, Unit

MAX_UNIT = 420  # characters, about 90 word pieces
MAX_TITLE, MAX_HEADING, MAX_BEFORE = 50, 60, 110
SEPARATOR = " [SEP] "


def reading(unit: str, *, title: str, date: str = "", heading: str = "", before: str = "") -> str:
    """Put a unit's words first, then title, date, the heading above and what leads to it.

    >>> reading("42 networks.", title="Plan", date="2021-06-30", heading="2 Networks", before="There are:")
    '42 networks. [SEP] Plan (2021) > 2 Networks > There are:'
    """
    when = f" ({date[:4]})" if date else ""
    where = [f"{title[:MAX_TITLE]}{when}", heading[:MAX_HEADING], before[-MAX_BEFORE:]]
    return unit[:MAX_UNIT] + SEPARATOR + " > ".join(part for part in where if part)


def reading_of(passage: Passage, unit: Unit, *, title: str, date: str) -> str:
    """Read a unit of a passage: an item with its lead-in, a sentence with the sentence before it."""
    heading = plain(passage.headings[-1]) if passage.headings else ""
    return reading(
        said(passage, unit),
        title=title,
        date=date,
        heading="" if heading == title else heading,
        before=_before(passage, unit),
    )


def _before(passage: Passage, unit: Unit) -> str:
    earlier = [one for one in passage.units if one.end <= unit.start]
    match unit.kind:
        case "row":
            lead, _, _ = passage.context.rpartition("\n")
            return plain(lead)
        case "item":
            leads = [one for one in earlier if one.kind != "item"]
            return said(passage, leads[-1]) if leads else plain(passage.context)
        case _:
            return said(passage, earlier[-1]) if earlier else plain(passage.context)
