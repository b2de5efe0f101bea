"""POST /v1/ask: one answer as JSON, or its making as server-sent events."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import JSONResponse, Response

from bot.adapters.http.asking import Running, Step, unless_gone, watched
from bot.adapters.http.callers import MayAsk
from bot.adapters.http.problems import body_of, log, problem_of
from bot.adapters.http.reference import reference_of
from bot.adapters.http.replays import Sent
from bot.adapters.http.service import Service, Serving
from bot.adapters.http.wire import EXAMPLE_ANSWER, Question, wire_answer, wire_said
from bot.types import Answer, Said

PING = 15.0  # seconds; proxies close what is silent for 30 to 60
GONE = 499  # what nginx logs for a caller who closed the connection
EVENTS = "text/event-stream"
STREAMING = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
REPLAYED = "Idempotency-Replayed"

router = APIRouter(tags=["ask"])

ABOUT = """The answer as JSON, or with `Accept: text/event-stream` the events `status` (`{"step": "retrieve"}`),
`sentence` (a verified sentence with its citations), `answer` (all of it, as in JSON) and `error` (a problem).
Closing the connection stops the work. The same `Idempotency-Key` gets the same answer for a day."""

OK: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": EXAMPLE_ANSWER}, EVENTS: {"schema": {"type": "string"}}}}
}


@router.post("/v1/ask", summary="Ask a question", description=ABOUT, response_model=Answer, responses=OK)
async def ask(
    asked: Question,
    request: Request,
    service: Serving,
    caller: MayAsk,
    idempotency_key: Annotated[str, Header(description="Any text of yours; the same gets the same answer.")] = "",
) -> Response:
    """Answer one question."""
    sent = Sent.of(caller.asker, idempotency_key, asked.question, asked.conversation_id)
    as_events = EVENTS in request.headers.get("accept", "")
    before = service.replays.find(sent)
    if before:
        headers = {REPLAYED: "true"}
        if as_events:
            return EventSourceResponse(_replayed(before), headers={**STREAMING, **headers})
        return JSONResponse(wire_answer(before), headers=headers)
    service.admit(request, caller)
    running = service.asking.begin(service.question(caller, asked.question, asked.conversation_id))
    service.replays.keep(sent, running.task)
    if as_events:
        return EventSourceResponse(_events(request, service, running), headers=STREAMING)
    answer = await unless_gone(request, running)
    if answer is None:
        return Response(status_code=GONE)
    service.note(request, answer, "json")
    return JSONResponse(wire_answer(answer))


async def _events(request: Request, service: Service, running: Running) -> AsyncIterator[bytes]:
    told: list[dict[str, Any]] = []
    try:
        async for happened in watched(running, ping=PING):
            match happened:
                case None:
                    yield KEEPALIVE_COMMENT
                case Step():
                    yield event("status", {"step": happened.name})
                case Said():
                    told.append(wire_said(happened))
                    yield event("sentence", told[-1])
                case Answer():
                    service.note(request, happened, "events")
                    for name, data in said(happened):
                        if data not in told:
                            yield event(name, data)
    except Exception as error:  # the response has begun, so that its status can't tell any more
        problem, reference = problem_of(error), reference_of(request.scope)
        log(problem, reference, error)
        yield event("error", body_of(problem, reference))


async def _replayed(answer: Answer) -> AsyncIterator[bytes]:
    for name, data in said(answer):
        yield event(name, data)


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
