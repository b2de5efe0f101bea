"""Find a document's title, date and author: in what its file says of itself, or in its text."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from ingest.types import Document

MONTHS = (
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
FIRST_LETTERS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAY = rf"(\d{{1,2}})(?:st|nd|rd|th)? ({MONTHS}),? ((?:19|20)\d\d)"
AMERICAN = rf"({MONTHS}) (\d{{1,2}})(?:st|nd|rd|th)?, ((?:19|20)\d\d)"
PRINTED_DATE = re.compile(rf"\b{DAY}\b")
LONGEST_TITLE = 200  # characters
SHORT_TITLE = 6  # words; a shorter first line is told apart by the second
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
LABELLED = r"^[\s#*|-]*(?:{names})\**\s*[:|]\**\s*(.+?)[\s*|]*$"
FIRST_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
AUTHOR_LINE = re.compile(LABELLED.format(names="Authors?|Written by|Prepared by|Report by|Report author"), re.I | re.M)
DATE_LINE = re.compile(LABELLED.format(names="Date|Dated|Issued|Published|Version date|Last updated"), re.I | re.M)
STATED_DATE = re.compile(
    r"\b(?:last updated|updated|published|publication date|issued|dated|revised|approved|version [\d.]+,|"
    r"edition [\d.]+,)(?: on| in|:|,)?\s+(.{4,30})",
    re.I,
)
ALONE_DATE = re.compile(rf"^[\s#*|-]*(?:\w+day,? )?({DAY}|{AMERICAN}|(?:{MONTHS}),? (?:19|20)\d\d)[\s*|]*$", re.M)
ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?\b")
SLASHED_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b")
MONTH_OF_YEAR = re.compile(rf"\b({MONTHS}),? ((?:19|20)\d\d)\b")
DATES = (
    (PRINTED_DATE, "dmy"),
    (re.compile(rf"\b{AMERICAN}"), "mdy"),
    (ISO_DATE, "ymd"),
    (SLASHED_DATE, "dmy"),
    (MONTH_OF_YEAR, "my"),
)
BEGINNING = 2000  # characters in which a document says who wrote it, and when
# What programs write where nobody gave a title.
NO_TITLE = re.compile(
    r"untitled.*|document\d*|presentation\d*|powerpoint presentation|slide \d+|book\d*|sheet\d*|workbook\d*|"
    r"word document|microsoft (?:word|powerpoint|excel)\b.*|\W*|"
    r".*\.(?:docx?|pptx?|xlsx?|pdf|odt|indd|tex|dvi|html?|txt)",
    re.IGNORECASE,
)
# Headings that a document begins with after its title, or that are no title.
OF_A_SECTION = re.compile(
    r"|\d{1,2}(?:\.\d+)*\.? .*|name|(?:table of )?contents|introduction|(?:executive )?summary|overview|abstract|"
    r"foreword|preface|agenda|home",
    re.IGNORECASE,
)
# Programs and libraries that sign as the author where nobody did.
NO_AUTHOR = re.compile(
    r"\(?(?:user|author|admin|administrator|owner|unknown|anonymous|python-docx|openpyxl|steve canny|"
    r"microsoft.*|windows user|unspecified)?\)?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file says of itself; `said_in` is `properties`, or `header` of an e-mail.

    `running` are the headers and footers that a reader left out of the text; they often have a date.
    """

    title: str = ""
    date: str = ""
    author: str = ""
    said_in: str = "properties"
    running: str = ""


def described(document: Document, properties: Properties, *, heading: str | None = "") -> Document:
    """Complete a document by the best source of each: front matter, the printed text, the file's properties.

    `heading` is its first; None where nothing in the text can be its title.

    Properties are often left over from the file that somebody copied, so what is printed goes before them,
    except those of an e-mail, and a title that the text repeats.
    """
    title, title_is = _title(document, properties, heading)
    found_date, date_is = _date(document.text, properties)
    author, author_is = _author(document.text, properties)
    return replace(
        document,
        title=document.title or title,
        title_is=document.title_is or ("front matter" if document.title else title_is),
        date=document.date or found_date,
        date_is=document.date_is or ("printed" if document.date else date_is),
        author=document.author or author,
        author_is="front matter" if document.author else author_is,
    )


def iso_date(text: str) -> str:
    """The first date in a text, as far as it is given: a day, a month; empty where there is none.

    >>> iso_date("on 3rd May 2021"), iso_date("May 2021"), iso_date("04/05/2021"), iso_date("Sept 5, 2021")
    ('2021-05-03', '2021-05', '2021-05-04', '2021-09-05')
    """
    found = [
        (match.start(), year, month, day)
        for pattern, order in DATES
        if (match := pattern.search(text))
        for year, month, day in [_numbers(match, order)]
    ]
    for _, year, month, day in sorted(found, key=lambda one: (one[0], one[3] == 0)):
        try:
            date(year, month, day or 1)
        except ValueError:
            continue
        return f"{year}-{month:02d}" + (f"-{day:02d}" if day else "")
    return ""


def _numbers(match: re.Match[str], order: str) -> tuple[int, int, int]:
    parts = dict(zip(order, match.groups(), strict=True))
    month = parts["m"]
    number = int(month) if month.isdigit() else FIRST_LETTERS.index(month[:3].lower()) + 1
    return int(parts["y"]), number, int(parts.get("d") or 0)


def _title(document: Document, properties: Properties, heading: str | None) -> tuple[str, str]:
    given = " ".join(properties.title.split())
    if len(given) > LONGEST_TITLE or NO_TITLE.fullmatch(given):
        given = ""
    repeated = given.lower() in " ".join(document.text[:BEGINNING].split()).lower()
    if given and (repeated or properties.said_in == "header" or OF_A_SECTION.fullmatch(heading or "")):
        return given, properties.said_in
    if heading and OF_A_SECTION.fullmatch(heading):
        heading = None
    printed = "" if heading is None else heading[:LONGEST_TITLE] or title_in(document.text)
    return (printed, "printed") if printed else (PurePosixPath(document.id).stem, "file name")


def _date(text: str, properties: Properties) -> tuple[str, str]:
    if properties.date and properties.said_in == "header":
        return properties.date, "header"
    footer = _dated_footer(text)
    running = iso_date(footer[1][0] if footer else properties.running)
    if running:
        return running, "printed"
    for pattern in (DATE_LINE, ALONE_DATE, STATED_DATE):
        stated = pattern.search(text[:BEGINNING])
        if stated and iso_date(stated[1]):
            return iso_date(stated[1]), "printed"
    if properties.date:
        return properties.date, properties.said_in
    years = Counter(YEAR.findall(text))
    if not years:
        return "", ""
    most = max(years.values())
    return min(year for year, count in years.items() if count == most), "inferred"


def _author(text: str, properties: Properties) -> tuple[str, str]:
    labelled = AUTHOR_LINE.search(text[:BEGINNING])
    if labelled and properties.said_in != "header" and len(labelled[1]) <= LONGEST_TITLE:
        return " ".join(labelled[1].split()), "printed"
    given = " ".join(properties.author.split())[:LONGEST_TITLE]
    return (given, properties.said_in) if given and not NO_AUTHOR.fullmatch(given) else ("", "")


def title_in(text: str) -> str:
    """Take the first heading, the words of a footer with a date, or else what the first lines look like.

    >>> title_in("Agenda item\\n\\nDevelopment of the harbour\\n\\nThis report says more.\\n")
    'Agenda item: Development of the harbour'
    """
    heading = FIRST_HEADING.search(text)
    if heading:
        return heading[1]
    footer = _dated_footer(text)
    if footer:
        return footer[0]
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()][:2]
    titles = [line for line in lines if len(line) <= LONGEST_TITLE and not line.endswith((".", ";", ":", ","))]
    if not titles or titles[0] != lines[0]:
        return ""
    return ": ".join(titles) if len(titles[0].split()) <= SHORT_TITLE else titles[0]


def _dated_footer(text: str) -> tuple[str, re.Match[str]] | None:
    """Find a line that recurs, as a footer does, with a date in it: its words without the date, and the date."""
    lines = Counter(line.strip() for line in text.splitlines() if len(line) < LONGEST_TITLE and YEAR.search(line))
    for line, count in lines.most_common():
        printed = PRINTED_DATE.search(line)
        words = PRINTED_DATE.sub("", line).strip(" -–—|,:")
        if printed and count > 1 and words:
            return words, printed
    return None
