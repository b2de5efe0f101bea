"""The Home tab, the way in, the glossary, and the form for a reason: pure functions that give blocks."""

from collections.abc import Sequence
from typing import Any

from bot.adapters.slack import limits
from bot.adapters.slack.library import Step
from bot.adapters.slack.markup import cut, harmless
from bot.adapters.slack.render import FOLLOW_UP, Block, Message
from ingest.types import Document

MOST_DOCUMENTS = 60  # on the Home tab
MOST_TERMS = 80
STEPS_ON_HOME = 10
REASON = "feedback_reason"
HOW_TO_ASK = (
    "Write to me here, or mention me in a channel, and ask as you would ask a colleague. Ask on in the thread of an "
    "answer. I quote the place in the documents for all that I say; where they don't tell, I say so."
)
EMPTY = "I have read no documents yet."


def home(documents: Sequence[Document], terms: Sequence[tuple[str, str]], steps: Sequence[Step]) -> dict[str, Any]:
    """The Home tab: how to ask, the way in, what the bot knows, and the words of the documents."""
    blocks = [_header("Ask me about our documents"), _section(HOW_TO_ASK)]
    if steps:
        blocks += [_header("New here?"), *_steps(steps[:STEPS_ON_HOME])]
    blocks += [_header(f"What I know: {len(documents)} documents"), *_paragraphs(_documents(documents) or [EMPTY])]
    if terms:
        blocks += [_header("Abbreviations in the documents"), *_paragraphs(_terms(terms))]
    return {"type": "home", "blocks": blocks[: limits.HOME_BLOCKS]}


def onboarding(steps: Sequence[Step]) -> Message:
    """The way in, as a message."""
    if not steps:
        return Message("There is no way in written down yet. Ask me a question instead.", ())
    return Message("The way in, step by step", tuple(_steps(steps[:STEPS_ON_HOME])))


def glossary(terms: Sequence[tuple[str, str]]) -> Message:
    """The abbreviations, as a message."""
    if not terms:
        return Message("The documents explain no abbreviations.", ())
    return Message("Abbreviations in the documents", tuple(_paragraphs(_terms(terms), room=limits.MESSAGE)))


def prompts(steps: Sequence[Step]) -> list[dict[str, str]]:
    """What to begin with, for the messages tab; a click sends the message."""
    asked = [question for step in steps for question in step.questions[:1]][: limits.PROMPTS - 2]
    offered = [("What do the abbreviations mean?", "glossary"), *((cut(one, limits.BUTTON), one) for one in asked)]
    if steps:
        offered.insert(0, ("I am new here: show me round", "onboarding"))
    return [{"title": title, "message": message} for title, message in offered]


def reason_form(answer_id: str) -> dict[str, Any]:
    """The modal that asks why an answer was bad."""
    return {
        "type": "modal",
        "callback_id": REASON,
        "private_metadata": answer_id,
        "title": _plain("What was wrong?"),
        "submit": _plain("Send"),
        "close": _plain("Skip"),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON,
                "label": _plain("What was wrong with the answer, or what should it have said?"),
                "element": {"type": "plain_text_input", "action_id": REASON, "multiline": True, "max_length": 2000},
            }
        ],
    }


def _steps(steps: Sequence[Step]) -> list[Block]:
    blocks: list[Block] = []
    for number, step in enumerate(steps, start=1):
        blocks.append(_section(f"*{number}. {harmless(cut(step.title, 200))}*\n{harmless(cut(step.text, 2_000))}"))
        asked = [question for question in step.questions if len(question) <= limits.BUTTON_VALUE][:3]
        if asked:
            buttons = [
                {
                    "type": "button",
                    "text": {**_plain(cut(question, limits.BUTTON)), "emoji": False},
                    "action_id": f"{FOLLOW_UP}_{number}_{place}",
                    "value": question,
                }
                for place, question in enumerate(asked)
            ]
            blocks.append({"type": "actions", "elements": buttons})
    return blocks


def _documents(documents: Sequence[Document]) -> list[str]:
    shown = [
        f"• {harmless(cut(one.title or one.id, 200))}{f' ({one.date})' if one.date else ''}"
        f"{' – ' + one.status if one.status in ('superseded', 'draft', 'historical') else ''}"
        for one in documents[:MOST_DOCUMENTS]
    ]
    left = len(documents) - len(shown)
    return [*shown, *([f"and {left} more"] if left else [])]


def _terms(terms: Sequence[tuple[str, str]]) -> list[str]:
    shown = [f"*{harmless(short)}*  {harmless(cut(long, 200))}" for short, long in terms[:MOST_TERMS]]
    left = len(terms) - len(shown)
    return [*shown, *([f"and {left} more"] if left else [])]


def _paragraphs(lines: Sequence[str], *, room: int = 10**6) -> list[Block]:
    """Lines in as few sections as they fit in."""
    texts: list[str] = []
    for line in lines:
        if sum(map(len, texts)) + len(line) > room:
            break
        if texts and len(texts[-1]) + len(line) + 1 <= limits.SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [_section(text) for text in texts]


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text)}


def _section(mrkdwn: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(mrkdwn, limits.SECTION)}}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
