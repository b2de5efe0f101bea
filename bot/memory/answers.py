"""Write an answer as JSON and read it back the same."""

import json
from dataclasses import asdict, fields
from typing import Any, TypeVar

from bot.types import Answer, Citation, Conflict, Sentence, Usage

Part = TypeVar("Part")


def to_json(answer: Answer) -> str:
    """An answer as JSON in ASCII: PostgreSQL refuses a NUL in a text, and no database takes half a surrogate pair."""
    return json.dumps(asdict(answer))


def from_json(text: str) -> Answer:
    """An answer as it was written; fields that it didn't have then, or that this version doesn't know, are left out.

    >>> answer = Answer("a", "c", "Who?", "Who?", "answered", "Ann. [1]", sentences=(Sentence("Ann. [1]", (1,)),))
    >>> from_json(to_json(answer)) == answer
    True
    """
    given = json.loads(text)
    given["sentences"] = tuple(
        _part(Sentence, {**one, "citations": tuple(one.get("citations", ()))}) for one in given.get("sentences", ())
    )
    given["citations"] = tuple(_part(Citation, one) for one in given.get("citations", ()))
    given["conflicts"] = tuple(_part(Conflict, one) for one in given.get("conflicts", ()))
    given["usage"] = _part(Usage, given["usage"]) if given.get("usage") else None
    given["suggestions"] = tuple(given.get("suggestions", ()))
    return _part(Answer, given)


def _part(kind: type[Part], given: dict[str, Any]) -> Part:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in given.items() if name in known})
