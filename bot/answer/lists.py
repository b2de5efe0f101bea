"""Say a list whole: its lead-in and its items, also where the list was cut into several passages."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.answer.draft import DraftSentence, Place
from bot.wording import listed, plain, said
from ingest.types import Passage, Unit

Neighbours = Callable[[str], list[Passage]]

MAX_LIST_WORDS = 150  # of a list that was asked for


@dataclass(frozen=True, slots=True)
class Listing:
    """A lead-in, as it is said, and the items of its list with the passages they stand in."""

    lead: str
    start: tuple[Passage, int]
    items: tuple[tuple[Passage, Unit], ...]


def listing_of(passage: Passage, unit: Unit, neighbours: Neighbours) -> Listing | None:
    """Find the list that an item or a lead-in belongs to; None where there is none."""
    units = passage.units
    at = next(number for number, one in enumerate(units) if one.start == unit.start)
    first = at
    while first > 0 and units[first].kind == "item":
        first -= 1
    lead = units[first] if units[first].kind != "item" else None
    items = [(passage, one) for one in _run(units[first + 1 if lead else first :])]
    if not items:
        return None
    if lead is None:
        lead_words = plain(passage.context)
        before = _before(passage, neighbours)
        if before:
            return before
        start = (passage, items[0][1].start)
    else:
        lead_words = said(passage, lead)
        start = (passage, lead.start)
    if items[-1][1] == units[-1]:
        items += _continued(passage, lead_words, neighbours)
    return Listing(lead_words, start, tuple(items))


def say_list(listing: Listing, score: float) -> DraftSentence:
    """Say a list, as far as an answer has room; each passage it stands in is quoted from first to last item said."""
    words = len(listing.lead.split())
    taken: list[tuple[Passage, Unit]] = []
    for passage, item in listing.items:
        words += len(said(passage, item).split())
        if taken and words > MAX_LIST_WORDS:
            break
        taken.append((passage, item))
    items = [said(passage, item) for passage, item in taken]
    text = listed(listing.lead, items + (["and more, in the document"] if len(taken) < len(listing.items) else []))
    spans: dict[str, Place] = {}
    for passage, item in taken:
        start = listing.start[1] if passage == listing.start[0] else item.start
        earlier = spans.get(passage.id)
        spans[passage.id] = Place(passage, earlier.start if earlier else start, item.end, score)
    return DraftSentence(text, tuple(spans.values()))


def _run(units: tuple[Unit, ...]) -> list[Unit]:
    run: list[Unit] = []
    for unit in units:
        if unit.kind != "item":
            break
        run.append(unit)
    return run


def _before(passage: Passage, neighbours: Neighbours) -> Listing | None:
    """The list that goes on in this passage, from its beginning in the passage before."""
    if not passage.context:
        return None
    for earlier in reversed([one for one in neighbours(passage.document_id) if one.ordinal < passage.ordinal][-4:]):
        for unit in earlier.units:
            if unit.kind != "item" and said(earlier, unit) == plain(passage.context):
                return listing_of(earlier, unit, neighbours)
    return None


def _continued(passage: Passage, lead: str, neighbours: Neighbours) -> list[tuple[Passage, Unit]]:
    items: list[tuple[Passage, Unit]] = []
    for later in neighbours(passage.document_id):
        if later.ordinal <= passage.ordinal:
            continue
        if plain(later.context) != lead:
            break
        items += [(later, unit) for unit in _run(later.units)]
    return items
