"""A caller's own conversations, and what they think of answers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.adapters.http.callers import MayAsk, MayJudge
from bot.adapters.http.service import Serving
from bot.adapters.http.wire import wire_answer
from bot.memory.types import Conversation
from bot.types import Answer

LONGEST_REASON = 2000  # characters; as long as a question may be
PAGE = 100  # turns at once

router = APIRouter(tags=["conversations"])
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]


class WireConversation(BaseModel):
    """A conversation of the caller; `title` is its first question."""

    id: str
    title: str
    created: str
    updated: str


class WireTurn(BaseModel):
    """A turn: the answer as it was given, with the question in it."""

    number: int
    at: str
    answer: Answer


class WholeConversation(WireConversation):
    """A conversation with its last turns, the oldest of them first."""

    turns: list[WireTurn]


class Feedback(BaseModel):
    """What the caller thinks of an answer; another replaces it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"rating": "down", "reason": "The number is of last year."}}
    )

    rating: Literal["up", "down"]
    reason: str = Field(default="", max_length=LONGEST_REASON)


@router.get("/v1/conversations", summary="List your conversations", response_model=list[WireConversation])
def conversations(
    service: Serving, caller: MayAsk, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[dict[str, Any]]:
    """The caller's conversations, the newest first."""
    kept = service.store.conversations
    listed = []
    for one in kept.of(caller.asker, limit=limit):
        first = kept.turns(one.id, asker=caller.asker, limit=1, before=2)
        listed.append(_wire(one, first[0].answer.question if first else ""))
    return listed


@router.get("/v1/conversations/{conversation_id}", summary="Read a conversation", response_model=WholeConversation)
def conversation(
    conversation_id: Id,
    service: Serving,
    caller: MayAsk,
    before: Annotated[
        int | None, Query(ge=1, le=2**31, description="Only turns before the one of this number.")
    ] = None,
) -> dict[str, Any]:
    """A conversation of the caller with its last 100 turns."""
    kept = service.store.conversations
    found = kept.find(conversation_id, asker=caller.asker)
    first = kept.turns(found.id, asker=caller.asker, limit=1, before=2)
    turns = kept.turns(found.id, asker=caller.asker, limit=PAGE, before=before)
    return {
        **_wire(found, first[0].answer.question if first else ""),
        "turns": [
            {"number": turn.number, "at": turn.at.isoformat(), "answer": wire_answer(turn.answer)} for turn in turns
        ],
    }


@router.delete("/v1/conversations/{conversation_id}", summary="Delete a conversation for good", status_code=204)
def forget(conversation_id: Id, service: Serving, caller: MayAsk) -> Response:
    """Delete a conversation, with the votes and reports about its answers."""
    service.store.forget_conversation(conversation_id, asker=caller.asker)
    return Response(status_code=204)


@router.post("/v1/answers/{answer_id}/feedback", summary="Say what you think of an answer", status_code=204)
def judge(answer_id: Id, feedback: Feedback, service: Serving, caller: MayJudge) -> Response:
    """Vote on an answer that the caller was given."""
    service.store.votes.cast(answer_id, feedback.rating, asker=caller.asker, reason=feedback.reason)
    service.metrics.voted(feedback.rating)
    return Response(status_code=204)


@router.delete("/v1/answers/{answer_id}/feedback", summary="Take your vote back", status_code=204)
def unjudge(answer_id: Id, service: Serving, caller: MayJudge) -> Response:
    """Withdraw a vote; again is no harm."""
    service.store.votes.withdraw(answer_id, asker=caller.asker)
    return Response(status_code=204)


def _wire(conversation: Conversation, title: str) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "title": title,
        "created": conversation.created.isoformat(),
        "updated": conversation.updated.isoformat(),
    }
