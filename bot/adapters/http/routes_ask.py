"""POST /v1/ask: one answer as JSON, or its making as server-sent events."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import JSONResponse, Response

from bot.adapters.http.asking import Step, ask_of, unless_gone, watched
from bot.adapters.http.problems import body_of, problem_of
from bot.adapters.http.reference import reference_of
from bot.adapters.http.service import Caller, Service, caller_with, service_of
from bot.adapters.http.wire import EXAMPLE_ANSWER, Question, wire_answer
from bot.types import Answer

PING = 15.0  # seconds; proxies close what is silent for 30 to 60
GONE = 499  # what nginx logs for a caller who closed the connection

router = APIRouter(tags=["ask"])

EVENTS = """The answer as JSON, or with `Accept: text/event-stream` the events
`status` (`{"step": "retrieve"}`), `sentence` (a verified sentence with its citations), `answer` (the whole answer, as in
JSON) and `error` (a problem). Closing the connection stops the work."""


@router.post(
    "/v1/ask",
    summary="Ask a question",
    description=EVENTS,
    response_model=Answer,
    responses={
        200: {
            "content": {
                "application/json": {"example": EXAMPLE_ANSWER},
                "text/event-stream": {"schema": {"type": "string"}},
            }
        }
    },
)
async def ask(
    asked: Question,
    request: Request,
    service: Annotated[Service, Depends(service_of)],
    caller: Annotated[Caller, Depends(caller_with("ask"))],
) -> Response:
    work = ask_of(service.bot, asked.question, conversation_id=asked.conversation_id, audiences=caller.audiences)
    if "text/event-stream" in request.headers.get("accept", ""):
        return EventSourceResponse(
            _events(watched(service.asking, work, ping=PING), reference_of(request.scope)),
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
    answer = await unless_gone(request, service.asking.begin(work))
    return JSONResponse(wire_answer(answer)) if answer else Response(status_code=GONE)


async def _events(happening: AsyncIterator[Step | Answer | None], reference: str) -> AsyncIterator[bytes]:
    try:
        async for happened in happening:
            match happened:
                case None:
                    yield KEEPALIVE_COMMENT
                case Step():
                    yield event("status", {"step": happened.name})
                case Answer():
                    for name, data in said(happened):
                        yield event(name, data)
    except Exception as error:  # the response has begun, so that its status can't tell any more
        yield event("error", body_of(problem_of(error), reference))


def said(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """The events of a finished answer: each sentence with its citations, then all of it."""
    wire = wire_answer(answer)
    cited = {citation["number"]: citation for citation in wire["citations"]}
    sentences = [
        ("sentence", {**sentence, "citations": [cited[number] for number in sentence["citations"]]})
        for sentence in wire["sentences"]
    ]
    return [*sentences, ("answer", wire)]


def event(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
