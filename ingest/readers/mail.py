"""Read e-mails as they are saved: what the header says, and the body without what it quotes of others."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from ingest.errors import DamagedDocument
from ingest.readers.about import Properties
from ingest.readers.draft import Draft, Item, one_line
from ingest.readers.page import add_html
from ingest.structure import blocks_of
from ingest.types import Document

HEADERS = ("From", "To", "Cc", "Date", "Subject")
ADDRESS = re.compile(r"\s*<[^<>]*>")
# "On 3 May 2021, Ann Lee wrote:", on one line or two, and what mail programs put above what they forward.
WROTE = re.compile(r"^On [^\n]{5,200}(?:\n[^\n]{0,200})?\bwrote:\s*$|^-{2,} ?Original Message ?-{2,}.*", re.M | re.S)
SIGNATURE = re.compile(r"^-- \n.*", re.M | re.S)  # RFC 3676, section 4.3
QUOTED = re.compile(r"^>.*\n?", re.M)


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a mail; attachments are named, not read."""
    message = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
    header = [(name, one_line(str(message[name]))) for name in HEADERS if message[name]]
    if not any(name in ("From", "Date", "Subject") for name, _ in header):
        raise DamagedDocument("it is no e-mail: it has no header with sender, date or subject")
    said = dict(header)
    draft = Draft()
    draft.heading(said.get("Subject", ""), 1)
    draft.items(Item(0, f"{name}: {value}") for name, value in header if name != "Subject")
    _add_body(draft, message)
    names = [one_line(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    if names:
        draft.paragraph(f"Attached, and not read here: {', '.join(names)}.")
    sender = ADDRESS.sub("", said.get("From", "")).strip(' "') or said.get("From", "")
    properties = Properties(said.get("Subject", ""), _day(said.get("Date", "")), sender, said_in="header")
    return draft.document(document_id, content_hash, properties)


def _add_body(draft: Draft, message: EmailMessage) -> None:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return
    try:
        text = str(body.get_content())
    except (LookupError, ValueError):  # a character set that nobody knows
        text = (body.get_payload(decode=True) or b"").decode("latin-1")  # type: ignore[union-attr]
    if body.get_content_subtype() == "html":
        add_html(draft, text)
        return
    text = text.replace("\r\n", "\n").strip()
    text = SIGNATURE.sub("", QUOTED.sub("", WROTE.sub("", text))).strip() or text  # a mere forward has nothing else
    draft.verbatim(text, blocks_of(text, markdown=False))


def _day(given: str) -> str:
    try:
        return datetime.isoformat(parsedate_to_datetime(given))[:10]
    except (ValueError, IndexError, TypeError):
        return ""
