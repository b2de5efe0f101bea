"""List what went wrong in use: answers that were marked down, questions that found none, and what people reported.

Read from the store of conversations, or from a file of events, a JSON object a line: `event` (`feedback`, `answer`,
`gap` or `proposal`), `question`, `status`, `text`, `rating` (`up` or `down`), `comment`, `expected`, and `documents`,
the ids of the documents cited or nearest.
"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import jsonl
from evals.cases import Case
from evals.errors import EvalError
from evals.wording import normal

if TYPE_CHECKING:
    from bot.memory.store import Store
    from bot.types import Answer

REPORTED = {"gap": "reported as a gap", "proposal": "proposed as a known fact"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """A question that needs a look: how often it came, what was said, what people noted, and which documents.

    `expected` is what somebody proposed that its answer has to contain.
    """

    question: str
    why: str
    times: int
    said: str
    comments: tuple[str, ...]
    documents: tuple[str, ...]
    known_as: str
    expected: str = ""


def complaints(events: Iterable[Mapping[str, Any]], cases: Iterable[Case] = ()) -> list[Complaint]:
    """Group events by question, those that came most often first; `known_as` is the case that asks the same.

    >>> [(one.question, one.why, one.times) for one in complaints([
    ...     {"event": "answer", "question": "Who pays?", "status": "not_found"},
    ...     {"event": "answer", "question": "who pays?", "status": "not_found"},
    ...     {"event": "feedback", "question": "Who chairs?", "rating": "down"},
    ...     {"event": "feedback", "question": "Who sits?", "rating": "up"}])]
    [('Who pays?', 'not found', 2), ('Who chairs?', 'marked down', 1)]
    """
    known = {normal(turn.question): case.id for case in cases for turn in case.turns}
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for event in events:
        why = _why(event)
        if why:
            grouped.setdefault((normal(str(event["question"])), why), []).append(event)
    found = [
        Complaint(
            question=str(same[0]["question"]),
            why=why,
            times=len(same),
            said=next((str(one["text"]) for one in same if one.get("text")), ""),
            comments=tuple(str(one["comment"]) for one in same if one.get("comment")),
            documents=tuple(dict.fromkeys(name for one in same for name in one.get("documents") or ())),
            known_as=known.get(question, ""),
            expected="; ".join(dict.fromkeys(str(one["expected"]) for one in same if one.get("expected"))),
        )
        for (question, why), same in grouped.items()
    ]
    return sorted(found, key=lambda one: (-one.times, one.question))


def events_in(store: "Store") -> list[dict[str, Any]]:
    """The events that a store of conversations has, the newest of each kind first."""
    return [
        *(
            {**_event("feedback", vote.answer), "rating": vote.rating, "comment": vote.reason}
            for vote in store.votes.down()
        ),
        *(_event("answer", answer) for answer in store.conversations.unanswered()),
        *(
            {"event": "gap", "question": gap.question, "comment": gap.note, "documents": gap.document_ids}
            for gap in store.reports.gaps()
        ),
        *(
            {"event": "proposal", "question": fact.question, "comment": fact.note, "expected": fact.expected}
            for fact in store.reports.proposed()
        ),
    ]


def read_events(path: Path) -> list[dict[str, Any]]:
    """Read events; raise `EvalError` with the line that is none."""
    events = []
    for number, value in jsonl.read(path):
        if not isinstance(value.get("question"), str):
            raise EvalError(f"'{path}', line {number}: the event has no question. Give it one, or take the line out.")
        events.append(value)
    return events


def shown(complaint: Complaint) -> str:
    """A complaint for a terminal, with what can be done about it."""
    lines = [f"{complaint.times} × {complaint.why}: {complaint.question}"]
    lines += [f"    said: {complaint.said[:200]}"] if complaint.said else []
    lines += [f"    note: {comment}" for comment in complaint.comments]
    if complaint.known_as:
        lines.append(f"    known fact: {complaint.known_as}")
    else:
        expect = f" --expect {_quoted(complaint.expected)}" if complaint.expected else ""
        lines.append(f"    make it a case: citewell eval add --question {_quoted(complaint.question)}{expect}")
    if complaint.why in ("not found", "reported as a gap") and complaint.documents:
        lines.append(f"    or ask the owner of {complaint.documents[0]} to write the answer down there")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    # People will paste the command, and anybody may have asked for `$(…)`.
    return shlex.quote(" ".join(text.split()))


def _event(kind: str, answer: "Answer") -> dict[str, Any]:
    documents = list(dict.fromkeys(citation.document_id for citation in answer.citations))
    # As understood: "and since when?" tells nobody what was asked.
    question = answer.standalone_question or answer.question
    return {"event": kind, "question": question, "status": answer.status, "text": answer.text, "documents": documents}


def _why(event: Mapping[str, Any]) -> str:
    if event.get("event") in REPORTED:
        return REPORTED[event["event"]]
    if event.get("rating") == "down":
        return "marked down"
    return "not found" if event.get("status") == "not_found" else ""
