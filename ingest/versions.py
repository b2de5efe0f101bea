"""Say which documents are probably versions of one another, since an old one that still answers misleads."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest.types import Document

# Measured on 663 texts that come with Python packages: of the pairs above .5, all that were looked at are revisions of
# one text (licences and notices); below .3 they share a part, such as a licence at the end. Revisions of this project's
# own texts, one commit to the next, are .63 to .98.
SAME = 0.9
REVISED = 0.5
REVISED_IF_NAMED_ALIKE = 0.3
NUMBERS = re.compile(r"\b(?:v|version|rev|revision|draft|final|copy|new|old)\d*\b|[\W_]+|\d+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents of which much is the same. `newer` is the id of the newer one, empty where none is known to be."""

    first: str
    second: str
    share: float
    newer: str = ""

    @property
    def near_identical(self) -> bool:
        """Whether they say nearly the same."""
        return self.share >= SAME

    @property
    def subject(self) -> str:
        """The newer one where it is known, else the first."""
        return self.newer or self.first

    @property
    def says(self) -> str:
        """What the subject is to the other, for the owner of the documents.

        >>> pair = Pair("plan-2021.md", "plan-2022.md", 0.7, newer="plan-2022.md")
        >>> pair.subject, pair.says
        ('plan-2022.md', 'is probably a newer version of plan-2021.md (70 % the same)')
        """
        other = self.second if self.subject == self.first else self.first
        if self.newer:
            relation = "is probably a newer version of"
        elif self.near_identical:
            relation = "says the same as" if self.share == 1 else "says nearly the same as"
        else:
            relation = "is probably another version of"
        return f"{relation} {other} ({self.share * 100:.0f} % the same)"


def probable_versions(
    resembling: Iterable[tuple[str, str, float]], documents: Mapping[str, Document]
) -> Iterator[Pair]:
    """Choose the pairs to tell of; those whose own words say which of the two holds are left out."""
    for first_id, second_id, share in resembling:
        first, second = documents.get(first_id), documents.get(second_id)
        if not first or not second or _is_settled(first, second):
            continue
        named_alike = _name(first) == _name(second)
        if share >= (REVISED_IF_NAMED_ALIKE if named_alike else REVISED):
            yield Pair(first_id, second_id, round(share, 2), _newer(first, second))


def _is_settled(first: Document, second: Document) -> bool:
    """Whether one says that the other takes its place, or that it no longer holds."""
    return (
        first.id in second.superseded_by
        or second.id in first.superseded_by
        or (first.status == "superseded") != (second.status == "superseded")
    )


def _name(document: Document) -> str:
    """A title without what differs between versions.

    >>> _name(Document("a.md", "", "", "Plan 2021, final")) == _name(Document("b.md", "", "", "Plan v2 (2022)"))
    True
    """
    return " ".join(NUMBERS.sub(" ", document.title.casefold().replace("_", " ")).split())


def _newer(first: Document, second: Document) -> str:
    """The one of the later date, as far as both are given."""
    common = min(len(first.date), len(second.date))
    if first.date[:common] == second.date[:common]:
        return ""
    return max(first, second, key=lambda document: document.date).id
