"""The path for new starters, as `onboarding.md` at the root of the corpus has it."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.types import Citation
from bot.wording import plain

FILE = "onboarding.md"
HEADING = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
QUESTION = re.compile(r"^[ \t]*(?:[-*]|\d+\.)[ \t]+(.+\?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """What to know first, second, and so on: a text with its sources, and questions to ask."""

    id: str
    title: str
    text: str
    citations: tuple[Citation, ...] = ()
    questions: tuple[str, ...] = ()


def steps_for(corpus: Path) -> tuple[Step, ...]:
    """The steps for a corpus; none where nobody wrote any."""
    try:
        text = (corpus / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()
    return steps_in(text)


def steps_in(text: str) -> tuple[Step, ...]:
    """Read the steps: a heading of the second level each, its text, and a list of questions.

    >>> step, = steps_in("# Begin\\n\\n## The harbour\\n\\nIt has **two** quays.\\n\\n- Who runs it?\\n")
    >>> step.id, step.text, step.questions
    ('the-harbour', 'It has two quays.', ('Who runs it?',))
    """
    parts = HEADING.split(text)[1:]
    return tuple(_step(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True))


def _step(title: str, body: str) -> Step:
    questions = tuple(plain(found[1]) for found in QUESTION.finditer(body))
    paragraphs = (plain(part) for part in re.split(r"\n\s*\n", QUESTION.sub("", body)))
    said = "\n\n".join(part for part in paragraphs if part)
    return Step(re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"), plain(title), said, questions=questions)
