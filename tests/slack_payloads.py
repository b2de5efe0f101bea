"""Slack's rules for what an app sends, as a stand-in holds them: written from its reference, apart from the adapter."""

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

NOTIFIES = re.compile(r"<(?:!(?:here|channel|everyone|subteam)|@[UW])")
ACTION_IDS = 255
MESSAGE_BLOCKS = {"rich_text", "markdown", "context", "actions", "context_actions", "section", "header", "divider"}
VIEW_BLOCKS = MESSAGE_BLOCKS - {"markdown", "context_actions"} | {"input"}
MOST_TEXT = 11_000
EXPECTED_KEYS = {
    "section": {"text", "fields", "accessory"},
    "header": {"text"},
    "context": {"elements"},
    "actions": {"elements"},
    "context_actions": {"elements"},
    "markdown": {"text"},
    "rich_text": {"elements"},
    "divider": set(),
    "input": {"label", "element", "optional", "hint"},
}


def faults_of_message(message: dict[str, Any]) -> list[str]:
    """What Slack would refuse, or would do that nobody wants, in the arguments of a message."""
    return list(_message_faults(message))


def faults_of_view(view: dict[str, Any]) -> list[str]:
    """What Slack would refuse in a modal or a Home tab."""
    return list(_view_faults(view))


def characters(part: Any) -> int:
    """All text in blocks."""
    if isinstance(part, dict):
        return sum(
            len(value) if isinstance(value, str) and name in ("text", "url") else characters(value)
            for name, value in part.items()
        )
    return sum(map(characters, part)) if isinstance(part, list) else 0


def _message_faults(message: dict[str, Any]) -> Iterator[str]:
    text, blocks = message.get("text") or "", message.get("blocks") or []
    if not text and not blocks:
        yield "no_text"
    if len(text) > 4_000:
        yield f"text has {len(text)} characters"
    if NOTIFIES.search(text):
        yield f"text notifies people: {text[:80]}"
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks"
    if characters(blocks) > MOST_TEXT:
        yield f"msg_blocks_too_long: {characters(blocks)} characters"
    markdown = sum(len(block.get("text", "")) for block in blocks if block.get("type") == "markdown")
    if markdown > 12_000:
        yield f"{markdown} characters of Markdown"
    yield from _block_faults(blocks, MESSAGE_BLOCKS)


def _view_faults(view: dict[str, Any]) -> Iterator[str]:
    allowed = {"type", "blocks", "private_metadata", "callback_id", "title", "submit", "close"}
    if set(view) - allowed:
        yield f"a view has no {set(view) - allowed}"
    if view.get("type") not in ("modal", "home"):
        yield f"a view is no {view.get('type')}"
    blocks = view.get("blocks") or []
    if not 0 < len(blocks) <= 100:
        yield f"{len(blocks)} blocks in a view"
    if view.get("type") == "modal" and not view.get("title"):
        yield "a modal without a title"
    for part in ("title", "submit", "close"):
        if part in view:
            yield from _text_faults(view[part], 24, {"plain_text"})
    if len(view.get("private_metadata", "")) > 3_000:
        yield "private_metadata is too long"
    if any(block.get("type") == "input" for block in blocks) and "submit" not in view:
        yield "an input without submit"
    yield from _block_faults(blocks, VIEW_BLOCKS)


def _block_faults(blocks: Any, allowed: set[str]) -> Iterator[str]:
    if not isinstance(blocks, list):
        yield "blocks are no list"
        return
    names = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(names) != len(set(names)):
        yield "a block_id twice"
    for block in blocks:
        kind = block.get("type")
        if kind not in allowed:
            yield f"no block '{kind}' here"
            continue
        unknown = set(block) - EXPECTED_KEYS[kind] - {"type", "block_id"}
        if unknown:
            yield f"a {kind} has no {unknown}"
        yield from CHECKS[kind](block)


def _section(block: dict[str, Any]) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "a section without text"
    if "text" in block:
        yield from _text_faults(block["text"], 3_000, {"mrkdwn", "plain_text"})
    for field in block.get("fields", []):
        yield from _text_faults(field, 2_000, {"mrkdwn", "plain_text"})
    if len(block.get("fields", [])) > 10:
        yield "more than ten fields"
    if "accessory" in block:
        yield from _element_faults(block["accessory"])


def _header(block: dict[str, Any]) -> Iterator[str]:
    yield from _text_faults(block.get("text"), 150, {"plain_text"})


def _context(block: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(block.get("elements", [])) <= 10:
        yield "a context with no or too many elements"
    for element in block.get("elements", []):
        yield from _text_faults(element, 3_000, {"mrkdwn", "plain_text"})


def _actions(block: dict[str, Any]) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 0 < len(elements) <= 25:
        yield "actions with no or too many elements"
    ids = [element.get("action_id") for element in elements]
    if len(ids) != len(set(ids)):
        yield "an action_id twice in a block"
    for element in elements:
        yield from _element_faults(element)


def _context_actions(block: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(block.get("elements", [])) <= 5:
        yield "context_actions with no or too many elements"
    for element in block.get("elements", []):
        if element.get("type") != "feedback_buttons":
            yield f"no {element.get('type')} in context_actions"
            continue
        for name in ("positive_button", "negative_button"):
            button = element.get(name) or {}
            yield from _text_faults(button.get("text"), 75, {"plain_text"})
            if not 0 < len(button.get("value", "")) <= 2_000:
                yield "a feedback button without a value"


def _markdown(block: dict[str, Any]) -> Iterator[str]:
    text = block.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= 12_000:
        yield "a markdown block with no or too much text"
    elif NOTIFIES.search(text):
        yield f"Markdown notifies people: {text[:80]}"
    else:
        lines = text.split("\n")
        for token in MarkdownIt().parse(text):
            if token.type == "fence" and token.map and not lines[token.map[1] - 1].strip().startswith(token.markup):
                yield "a fence that is not closed"


def _rich_text(block: dict[str, Any]) -> Iterator[str]:
    if not block.get("elements"):
        yield "a rich_text without elements"
    for element in block.get("elements", []):
        yield from _rich_faults(element)


def _rich_faults(element: dict[str, Any]) -> Iterator[str]:
    kind = element.get("type")
    if kind == "rich_text_list":
        if element.get("style") not in ("bullet", "ordered"):
            yield "a list without style"
        for one in element.get("elements", []):
            if one.get("type") != "rich_text_section":
                yield "a list of other things than sections"
            yield from _rich_faults(one)
    elif kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        if not element.get("elements"):
            yield f"an empty {kind}"
        for one in element.get("elements", []):
            if one.get("type") not in ("text", "link"):
                yield f"rich text has a '{one.get('type')}'"  # a user or broadcast element would notify people
            if not one.get("text"):
                yield f"an empty text in a {kind}"
            if one.get("type") == "link" and not re.match(r"https?://\S+$", one.get("url", "")):
                yield f"a link to '{one.get('url')}'"
    else:
        yield f"rich text has no '{kind}'"


def _divider(block: dict[str, Any]) -> Iterator[str]:
    yield from ()


def _input(block: dict[str, Any]) -> Iterator[str]:
    yield from _text_faults(block.get("label"), 2_000, {"plain_text"})
    yield from _element_faults(block.get("element"))


CHECKS = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "divider": _divider,
    "input": _input,
}


def _text_faults(text: Any, limit: int, kinds: set[str]) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        yield f"no text object: {text}"
        return
    if not 0 < len(text["text"]) <= limit:
        yield f"{len(text['text'])} characters, where 1 to {limit} go"
    if text["type"] == "mrkdwn" and NOTIFIES.search(text["text"]):
        yield f"mrkdwn notifies people: {text['text'][:80]}"


def _element_faults(element: Any) -> Iterator[str]:
    if not isinstance(element, dict):
        yield "no element"
        return
    if not 0 < len(element.get("action_id", "")) <= ACTION_IDS:
        yield "an element without action_id"
    match element.get("type"):
        case "button":
            yield from _text_faults(element.get("text"), 75, {"plain_text"})
            if len(element.get("value", "")) > 2_000:
                yield "a button's value is too long"
            if len(element.get("url", "")) > 3_000:
                yield "a button's url is too long"
        case "plain_text_input":
            if "placeholder" in element:
                yield from _text_faults(element["placeholder"], 150, {"plain_text"})
        case other:
            yield f"no element '{other}'"
