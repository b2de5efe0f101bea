"""Ask back where a question leans on something that was never said."""

from bot.answer.draft import Draft
from bot.answer.evidence import Evidence
from bot.understand import Query
from bot.wording import plain

READINGS = 3  # that are offered
CLOSE = 8.0  # how far behind the best evidence another reading may be


def clarifying(query: Query, evidence: list[Evidence]) -> Draft | None:
    """Ask what is meant, with the readings that the documents offer; None where they offer only one."""
    topics: dict[str, Evidence] = {}
    for one in evidence:
        if one.score < evidence[0].score - CLOSE:
            break
        if one.passage.headings:
            topics.setdefault(plain(one.passage.headings[-1]), one)
    if len(topics) < 2:
        return None
    named = list(topics)[:READINGS]
    asked = query.asked.rstrip(" ?.!")
    readings = ", ".join(f"“{topic}”" for topic in named[:-1]) + f" or “{named[-1]}”"
    return Draft(
        "clarify",
        reply=f"I can't tell what “{asked}” is about. Do you mean {readings}?",
        suggestions=tuple(f"{asked}: {topic}?" for topic in named),
    )
