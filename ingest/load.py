"""Read files into documents."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml
from charset_normalizer import from_bytes

from ingest.errors import UnreadableDocument
from ingest.types import Document

ABOUT_THE_CORPUS = frozenset({"README.md", "terms.md", "onboarding.md"})
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
PRINTED_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({MONTHS}) ((?:19|20)\d\d)\b")
LONGEST_TITLE = 200  # characters
SHORT_TITLE = 6  # words; a shorter first line is told apart by the second
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def load(path: Path, folder: Path) -> Document:
    """Read one file; raise `UnreadableDocument` with the reason where that is not possible."""
    document_id = document_id_of(path, folder)
    if document_id != path.relative_to(folder).as_posix():
        raise UnreadableDocument("its name is not valid UTF-8; rename it")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"it can't be opened: {error.strerror}") from error
    return READERS[path.suffix.lower()](document_id, data, hashlib.sha256(data).hexdigest())


def document_id_of(path: Path, folder: Path) -> str:
    """Name a document by its path below the ingested folder; bytes that are no UTF-8 become question marks."""
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()


def read_text(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a Markdown or plain-text file."""
    text = _decode(data)
    front, body = split_front_matter(text)
    if not body.strip():
        raise UnreadableDocument("it has no text")
    found_date, found_how = _date_in(body)
    given_date = _plain(front.get("date"))
    return Document(
        id=document_id,
        text=body,
        content_hash=content_hash,
        title=_plain(front.get("title")) or _title_in(body) or Path(document_id).stem,
        date=given_date or found_date,
        date_is=_plain(front.get("date_is")) or ("printed" if given_date else found_how),
        kind=_plain(front.get("kind")),
        status=_plain(front.get("status")),
        superseded_by=_names(front.get("superseded_by")),
        publisher=_plain(front.get("publisher")),
        owner=_plain(front.get("owner")),
        source=_plain(front.get("source")),
        audience=_plain(front.get("audience")) or "staff",
    )


READERS: dict[str, Callable[[str, bytes, str], Document]] = {".md": read_text, ".txt": read_text}


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """Split YAML front matter from the text after it; a file without any is all text.

    >>> split_front_matter("---\\ntitle: Plan\\n---\\n# Plan\\n")
    ({'title': 'Plan'}, '# Plan\\n')
    >>> split_front_matter("Plain text\\n")
    ({}, 'Plain text\\n')
    """
    match = FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        front = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableDocument(f"its front matter is not valid YAML ({_first_line(error)})") from error
    if not isinstance(front, dict):
        return {}, text
    return front, text[match.end() :]


def _decode(data: bytes) -> str:
    if not data:
        raise UnreadableDocument("it is empty")
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableDocument("it is not a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data).best()
    if best is None:
        raise UnreadableDocument("its text encoding can't be recognised; save it as UTF-8")
    return str(best)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def _names(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(name for name in map(_plain, values) if name)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _title_in(text: str) -> str:
    """Take the first heading, the words of a footer with a date, or else what the first lines look like.

    >>> _title_in("Agenda item\\n\\nDevelopment of the harbour\\n\\nThis report says more.\\n")
    'Agenda item: Development of the harbour'
    """
    heading = re.search(r"^#[ \t]+(.+?)[ \t#]*$", text, re.MULTILINE)
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


def _date_in(text: str) -> tuple[str, str]:
    """Find the date of the content: one printed in a line that recurs (a footer), or else the year named most.

    >>> _date_in("Plan - 30 June 2021\\nText of 2022\\nPlan - 30 June 2021\\n")
    ('2021-06-30', 'printed')
    >>> _date_in("From July 2022, and since 2020, and again in 2022.")
    ('2022', 'inferred')
    """
    footer = _dated_footer(text)
    if footer:
        day, month, year = footer[1].groups()
        return f"{year}-{MONTHS.split('|').index(month) + 1:02d}-{int(day):02d}", "printed"
    years = Counter(YEAR.findall(text))
    if not years:
        return "", ""
    most = max(years.values())
    return min(year for year, count in years.items() if count == most), "inferred"
