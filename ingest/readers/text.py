"""Read Markdown and plain text, with front matter."""

import re
from datetime import date

import yaml
from charset_normalizer import from_bytes

from ingest.errors import EmptyDocument, NotText, UnreadableDocument
from ingest.readers.about import Properties, described
from ingest.types import Document

FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a Markdown or plain-text file."""
    front, body = split_front_matter(decoded(data))
    if not body.strip():
        raise EmptyDocument("it has no text")
    given_date = _plain(front.get("date"))
    document = Document(
        id=document_id,
        text=body,
        content_hash=content_hash,
        title=_plain(front.get("title")),
        date=given_date,
        date_is=_plain(front.get("date_is")),
        kind=_plain(front.get("kind")),
        status=_plain(front.get("status")),
        superseded_by=_names(front.get("superseded_by")),
        publisher=_plain(front.get("publisher")),
        owner=_plain(front.get("owner")),
        source=_plain(front.get("source")),
        audience=_plain(front.get("audience")) or "staff",
        author=_plain(front.get("author")),
    )
    return described(document, Properties())


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


def decoded(data: bytes) -> str:
    """Decode the bytes of a text file, UTF-8 or not; raise `EmptyDocument` or `NotText`."""
    if not data:
        raise EmptyDocument("it is empty")
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotText("it is not a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data).best()
    if best is None:
        raise NotText("its text encoding can't be recognised; save it as UTF-8")
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
