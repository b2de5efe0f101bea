"""Tell running headers, footers and page numbers from the text of a document's pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import median

from ingest.readers.layout import Flow, Printed

ZONE = 0.15  # of the height, at the top and at the bottom
FEW_PAGES = 4
LARGER = 1.12  # times the usual size: a heading, unless it stands on most pages
SAME_PLACE = 4.0  # points up or down
SAME_SIZE = 0.3
NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
PAGE_NUMBER = re.compile(
    r"[-–—|\[ ]*(?:page|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?[-–—|\] ]*", re.IGNORECASE
)


def without_running(pages: Mapping[int, list[Flow]], heights: Mapping[int, float]) -> tuple[dict[int, list[Flow]], str]:
    """The pages without what runs through them, and that, a line each.

    It stands near the edge of the page, in the same place on several, with the same words but for numbers. A line
    in the place where most pages have such a one is one of them, such as the name of a short chapter.
    """
    edges = {
        number: [
            part for flow in flows for part in flow if isinstance(part, Printed) and _at_edge(part, heights[number])
        ]
        for number, flows in pages.items()
    }
    recurring: dict[tuple[bool, str], list[tuple[int, Printed]]] = defaultdict(list)
    for number, lines in edges.items():
        for line in lines:
            recurring[line.base < heights[number] / 2, NUMBERS.sub("#", line.text)].append((number, line))
    enough = 2 if len(pages) <= FEW_PAGES else 3
    size = _usual_size(pages)
    dropped: set[int] = set()
    places: dict[tuple[int, float], set[int]] = defaultdict(set)
    for members in recurring.values():
        usual = median(line.base for _, line in members)
        alike = [(number, line) for number, line in members if abs(line.base - usual) <= SAME_PLACE]
        on = len({number for number, _ in alike})
        if on >= enough and (alike[0][1].size < LARGER * size or on >= max(3, len(pages) / 2)):
            dropped.update(id(line) for _, line in alike)
            for number, line in alike:
                places[round(line.base), line.size].add(number)
    most = {place for place, numbers in places.items() if len(numbers) >= len(pages) / 2}
    for lines in edges.values():
        for line in lines:
            in_place = any(abs(base - line.base) <= 2 and abs(size - line.size) <= SAME_SIZE for base, size in most)
            if in_place or PAGE_NUMBER.fullmatch(line.text):
                dropped.add(id(line))
    for flows in pages.values():  # a page number may stand right below a short page's text
        lines_of_page = [part for flow in flows for part in flow if isinstance(part, Printed)]
        lowest = max(lines_of_page, key=lambda line: line.base, default=None)
        if lowest is not None and len(lines_of_page) > 1 and PAGE_NUMBER.fullmatch(lowest.text):
            dropped.add(id(lowest))
    running = dict.fromkeys(line.text for lines in edges.values() for line in lines if id(line) in dropped)
    kept = {
        number: [[part for part in flow if id(part) not in dropped] for flow in flows]
        for number, flows in pages.items()
    }
    return kept, "\n".join(running)


def _at_edge(line: Printed, height: float) -> bool:
    return line.base < ZONE * height or line.base > (1 - ZONE) * height


def _usual_size(pages: Mapping[int, list[Flow]]) -> float:
    sizes: Counter[float] = Counter()
    for flows in pages.values():
        for flow in flows:
            for part in flow:
                if isinstance(part, Printed):
                    sizes[part.size] += len(part.text)
    return max(sizes, key=lambda size: sizes[size], default=10.0)
