"""Show an answer in Slack: pure functions from an `Answer` to the blocks of one or more messages.

Answers and quotations are `rich_text`, whose text Slack shows as it is: nothing in a document can become a mention,
a link or a format, and a quotation is shown letter by letter. Only an answer that holds a table or a fence is Markdown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent

from bot.adapters.slack import limits
from bot.adapters.slack.markup import cut, harmless, harmless_markdown, parts_of
from bot.types import Answer, Citation

Block = dict[str, Any]

NEEDS_MARKDOWN = re.compile(r"^ {0,3}(```|~~~|\|)", re.MULTILINE)
ITEM = re.compile(r"^\s*[-*•] +(.*)")
BODY_SHARE = 7 / 11  # of a message that the answer may take; the rest is for what it stands on
QUOTE_LENGTHS = (700, 400, 200, 100)  # tried in turn until a message is small enough; the link shows all of it
MOST_SOURCES = 12
MOST_FOLLOW_UPS = 3
REMARKS = {"superseded": "superseded", "draft": "draft", "historical": "historical"}

FEEDBACK = "feedback"
FOLLOW_UP = "follow_up"
TELL_OWNER = "tell_owner"
SHARE = "share"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: tuple[Block, ...] = ()


def messages(
    answer: Answer, *, public_url: str = "", asked: str = "", ephemeral: bool = False, budget: int = limits.MESSAGE
) -> list[Message]:
    """The messages that show an answer, each within `budget` characters; the last one has the sources.

    `asked` is shown above it where no message of a person does. `ephemeral` adds the button that shares it.
    """
    bodies = parts_of(answer.text, int(budget * BODY_SHARE)) or [""]
    shown = [Message(_notification(part), tuple(body(part))) for part in bodies[:-1]]
    last = [*_question(asked), *body(bodies[-1])] if len(bodies) == 1 else body(bodies[-1])
    if asked and shown:
        shown[0] = Message(shown[0].text, (*_question(asked), *shown[0].blocks))
    below = backing(answer, public_url=public_url, ephemeral=ephemeral, room=budget - size(last))
    return [*shown, Message(_notification(bodies[-1]), (*last, *below))]


def body(text: str) -> list[Block]:
    """The answer itself."""
    if not text:
        return []
    if NEEDS_MARKDOWN.search(text):
        return [{"type": "markdown", "text": harmless_markdown(text)}]
    return [{"type": "rich_text", "elements": list(_rich(text))}]


def backing(
    answer: Answer, *, public_url: str = "", ephemeral: bool = False, room: int = limits.MESSAGE
) -> list[Block]:
    """What stands below an answer: conflicts, sources, follow-ups and thumbs, in at most `room` characters."""
    blocks: list[Block] = []
    for longest in QUOTE_LENGTHS:
        blocks = _backing(answer, public_url, ephemeral=ephemeral, longest=longest, most=MOST_SOURCES)
        if size(blocks) <= room:
            return blocks
    for most in range(min(MOST_SOURCES, len(answer.citations)) - 1, -1, -1):
        blocks = _backing(answer, public_url, ephemeral=ephemeral, longest=QUOTE_LENGTHS[-1], most=most)
        if size(blocks) <= room:
            return blocks
    return _feedback(answer) if answer.citations else []


def size(blocks: Sequence[Block]) -> int:
    """The characters that people read or that buttons carry, as far as Slack may count them."""
    return sum(len(text) for block in blocks for text in _texts(block))


def plain(text: str) -> Message:
    """One sentence of the bot for itself."""
    return Message(cut(harmless(text), limits.TEXT), ({"type": "rich_text", "elements": [_section(_text(text))]},))


def trouble(reference: str) -> Message:
    """What people see when something went wrong; the log has the same reference."""
    return plain(f"Something went wrong and there is no answer. Please ask again; if it stays so, quote {reference}.")


def _backing(answer: Answer, public_url: str, *, ephemeral: bool, longest: int, most: int) -> list[Block]:
    return [
        *([_context(harmless(answer.notice))] if answer.notice else []),
        *_conflicts(answer),
        *_sources(answer, public_url, longest=longest, most=most),
        *_follow_ups(answer),
        *_owner(answer),
        *(_share(answer) if ephemeral else []),
        *(_feedback(answer) if answer.citations else []),
    ]


def _question(asked: str) -> list[Block]:
    return [_context(f"Asked: {harmless(cut(asked, 300))}")] if asked else []


def _conflicts(answer: Answer) -> list[Block]:
    if not answer.conflicts:
        return []
    earlier = [
        f"{one.date + ': ' if one.date else ''}{one.says or 'another answer'} [{one.number}]"
        for one in answer.conflicts
    ]
    return [
        _context(harmless(cut(f"Documents differ. An earlier one says: {'; '.join(earlier)}", limits.SECTION // 2)))
    ]


def _sources(answer: Answer, public_url: str, *, longest: int, most: int) -> list[Block]:
    citations = answer.citations[:most]
    if not citations:
        return []
    title = "Nearest passages" if answer.status == "not_found" else "Sources"
    left = len(answer.citations) - len(citations)
    return [
        {"type": "rich_text", "elements": [_section(_text(title, bold=True))]},
        *({"type": "rich_text", "elements": _source(one, public_url, longest)} for one in citations),
        *([_context(f"and {left} more")] if left else []),
    ]


def _source(citation: Citation, public_url: str, longest: int) -> list[Block]:
    about = ", ".join(filter(None, [citation.date, citation.kind]))
    remark = REMARKS.get(citation.status, "")
    title = cut(citation.title or citation.document_id, 200)
    link = address(citation, public_url)
    named = {"type": "link", "url": link, "text": title} if link else _text(title, bold=True)
    locator = cut(citation.locator, 200)
    place = f"\n{locator}" if locator and locator != citation.title else ""
    return [
        _section(
            _text(f"[{citation.number}] "),
            named,
            *([_text(f" ({about})")] if about else []),
            *([_text(f" {remark}", bold=True)] if remark else []),
            *([_text(place)] if place else []),
        ),
        {"type": "rich_text_quote", "elements": [_text(cut(" ".join(citation.quote.split()) or "…", longest))]},
    ]


def address(citation: Citation, public_url: str) -> str:
    """Where a browser opens the quotation; empty without the address of a server, or where it is too long."""
    if not public_url or not citation.url.startswith("/"):
        return ""
    path, _, place = citation.url.partition("#")
    link = f"{public_url.rstrip('/')}{percent(path, safe='/%')}{'#' + place if place else ''}"
    return link if len(link) <= limits.SECTION else ""


def _follow_ups(answer: Answer) -> list[Block]:
    asked = [one for one in answer.suggestions if one.strip() and len(one) <= limits.BUTTON_VALUE][:MOST_FOLLOW_UPS]
    buttons = [_button(one, f"{FOLLOW_UP}_{number}", one) for number, one in enumerate(asked)]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _owner(answer: Answer) -> list[Block]:
    if answer.status not in ("not_found", "partial"):
        return []
    return [{"type": "actions", "elements": [_button("Tell the document owner", TELL_OWNER, answer.answer_id)]}]


def _share(answer: Answer) -> list[Block]:
    if answer.status not in ("answered", "partial") or not answer.citations:
        return []
    return [{"type": "actions", "elements": [_button("Share to channel", SHARE, answer.answer_id)]}]


def _feedback(answer: Answer) -> list[Block]:
    def thumb(title: str, rating: str) -> Block:
        return {"text": {"type": "plain_text", "text": title}, "value": f"{rating}:{answer.answer_id}"}

    buttons = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": thumb("Good answer", "up"),
        "negative_button": thumb("Bad answer", "down"),
    }
    return [{"type": "context_actions", "elements": [buttons]}]


def _rich(text: str) -> Iterator[Block]:
    """Paragraphs and lists as rich text."""
    items: list[Block] = []
    lines: list[str] = []

    def ended() -> Iterator[Block]:
        if items:
            yield {"type": "rich_text_list", "style": "bullet", "elements": items.copy()}
        if any(line.strip() for line in lines):
            yield _section(_text("\n".join(lines).strip("\n")))
        items.clear()
        lines.clear()

    for line in text.split("\n"):
        item = ITEM.match(line)
        if bool(item) == bool(lines):
            yield from ended()
        if item:
            items.append(_section(_text(item[1] or " ")))
        else:
            lines.append(line)
    yield from ended()


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if isinstance(value, str):
                if name in ("text", "url", "value"):
                    yield value
            else:
                yield from _texts(value)
    elif isinstance(part, (list, tuple)):
        for one in part:
            yield from _texts(one)


def _notification(text: str) -> str:
    return cut(harmless(cut(text, limits.TEXT // 2)), limits.TEXT) or "Sources"


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def _button(label: str, action_id: str, value: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": cut(label, limits.BUTTON), "emoji": False},
        "action_id": action_id,
        "value": value,
    }
