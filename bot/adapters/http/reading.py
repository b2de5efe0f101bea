"""Cut a document's text into pieces that a page can show, anchor and highlight. Nothing of the text is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ingest.types import Passage


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a document. `anchor` names the place (`p-120`), `kind` is that of the unit it belongs to."""

    text: str
    kind: str = ""
    anchor: str = ""
    quoted: bool = False


def pieces_of(text: str, passages: Iterable[Passage], quoted: tuple[int, int] | None = None) -> list[Piece]:
    """Cut a text where its units and the quoted span begin and end.

    >>> from ingest.types import Unit
    >>> passage = Passage("a.md", "h", 0, 0, 9, "One. Two.", "paragraph", (), "", (Unit("sentence", 0, 4),))
    >>> [(piece.text, piece.anchor, piece.quoted) for piece in pieces_of("One. Two.", [passage], (0, 4))]
    [('One.', 'p-0', True), (' Two.', '', False)]
    """
    units = {unit.start: unit for passage in passages for unit in passage.units}
    start, end = quoted if quoted else (0, 0)
    edges = {0, len(text), start, end, *units, *(unit.end for unit in units.values())}
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(text))
    pieces = []
    kind, until = "", 0
    for here, there in pairwise(cuts):
        if here in units:
            kind, until = units[here].kind, units[here].end
        inside = here < until
        anchor = f"p-{here}" if here in units or (quoted and here == start) else ""
        pieces.append(Piece(text[here:there], kind if inside else "", anchor, start <= here and there <= end))
    return pieces
