"""POST /v1/chat/completions: Citewell as a model, for programs that speak to OpenAI's.

After https://platform.openai.com/docs/api-reference/chat. The conversation is what the caller sends; nothing of it is
remembered here. Sources stand below the text, and the whole answer in the extra field `citewell`.
"""

import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from bot.adapters.http.asking import Running, Step, unless_gone, watched
from bot.adapters.http.callers import Caller, MayAsk, may
from bot.adapters.http.problem import Problem
from bot.adapters.http.problems import body_of, log, problem_of
from bot.adapters.http.reference import reference_of
from bot.adapters.http.routes_ask import EVENTS, GONE, PING, STREAMING
from bot.adapters.http.service import Service, Serving
from bot.adapters.http.traces import traced
from bot.adapters.http.wire import wire_answer
from bot.converse import turns_from
from bot.types import Answer, Citation, Said

MODEL = "citewell"
MOST = 200  # messages of a conversation; the body's size limits them too
SAID = re.compile(r".*?(?:\[\d+\])+\s*|.+", re.DOTALL)
LEANED_ON = 12  # questions before the last that a follow-up is understood by

router = APIRouter(tags=["chat completions"])


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return " ".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream has beside the text."""

    include_usage: bool = False


class Completion(BaseModel):
    """A conversation whose last message is a question. What else OpenAI's models take is ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"model": MODEL, "messages": [{"role": "user", "content": "When does the ferry run?"}]}
        }
    )

    messages: Annotated[list[Message], Field(min_length=1, max_length=MOST)]
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None


@router.get("/v1/models", summary="The models there are: one", dependencies=[Depends(may("ask"))])
async def models() -> dict[str, Any]:
    """For programs that list models first."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}


STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {EVENTS: {"schema": {"type": "string"}}}}}


@router.post("/v1/chat/completions", summary="Ask as one asks OpenAI's models", responses=STREAM)
async def complete(asked: Completion, request: Request, service: Serving, caller: MayAsk) -> Response:
    """Answer the last message; with `stream` as chunks."""
    question, earlier = _asked(asked)
    service.admit(request, caller)
    running = service.asking.begin(lambda progress: _answer(service, caller, question, earlier, progress))
    if asked.stream:
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return EventSourceResponse(_chunks(request, service, running, usage=usage), headers=STREAMING)
    answer = await unless_gone(request, running)
    if answer is None:
        return Response(status_code=GONE)
    service.note(request, answer, "chat")
    choice = {"index": 0, "message": {"role": "assistant", "content": _content(answer)}, "finish_reason": "stop"}
    return JSONResponse(
        {
            **_head(answer, "chat.completion"),
            "choices": [choice],
            "usage": _usage(answer),
            "citewell": wire_answer(answer),
        }
    )


def _asked(asked: Completion) -> tuple[str, list[str]]:
    if asked.messages[-1].role != "user":
        raise Problem(422, "no-question", "The last message has to be a question of the user.")
    earlier = [message.text for message in asked.messages[:-1] if message.role == "user"]
    return asked.messages[-1].text, earlier[-LEANED_ON:]


def _answer(service: Service, caller: Caller, question: str, earlier: list[str], progress: Any) -> Answer:
    turns = turns_from(earlier)
    return traced(
        progress,
        lambda told: service.bot.answer(
            question, turns=turns, asker=caller.asker, audiences=caller.audiences, progress=told
        ),
    )


async def _chunks(request: Request, service: Service, running: Running, *, usage: bool) -> AsyncIterator[bytes]:
    try:
        async for happened in watched(running, ping=PING):
            match happened:
                case None | Step() | Said():
                    yield KEEPALIVE_COMMENT
                case Answer():
                    service.note(request, happened, "chat")
                    for chunk in chunks_of(happened, usage=usage):
                        yield _data(json.dumps(chunk, ensure_ascii=False))
                    yield _data("[DONE]")
    except Exception as error:  # the response has begun, so that its status can't tell any more
        problem, reference = problem_of(error), reference_of(request.scope)
        log(problem, reference, error)
        told = {**body_of(problem, reference), "message": problem.detail, "code": problem.name}
        yield _data(json.dumps({"error": told}, ensure_ascii=False))


def chunks_of(answer: Answer, *, usage: bool) -> list[dict[str, Any]]:
    """An answer in the chunks of a stream: one for each sentence, and one for the sources."""
    head = {**_head(answer, "chat.completion.chunk"), **({"usage": None} if usage else {})}

    def chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    said = [chunk({"content": piece}) for piece in _pieces(answer)]
    last = {**chunk({}, "stop"), "citewell": wire_answer(answer)}
    end = [{**head, "choices": [], "usage": _usage(answer)}] if usage else []
    return [chunk({"role": "assistant", "content": ""}), *said, last, *end]


def _pieces(answer: Answer) -> list[str]:
    """The content, cut after each sentence's marks."""
    return [piece for piece in (*SAID.findall(answer.text), _sources(answer)) if piece]


def _content(answer: Answer) -> str:
    return answer.text + _sources(answer)


def _sources(answer: Answer) -> str:
    if not answer.citations:
        return ""
    title = "Nearest passages" if answer.status == "not_found" else "Sources"
    return "\n\n".join(["", f"{title}:", *map(_source, answer.citations)])


def _source(citation: Citation) -> str:
    about = ", ".join(part for part in (citation.date, citation.status) if part)
    quote = " ".join(citation.quote.split())
    return f"[{citation.number}] {citation.title}{f' ({about})' if about else ''}, {citation.locator}: “{quote}”"


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{answer.answer_id}", "object": kind, "created": int(time.time()), "model": MODEL}


def _usage(answer: Answer) -> dict[str, int]:
    """The tokens of the chat model, or words where none was asked: nothing is paid by the token then."""
    if answer.usage:
        read, written = answer.usage.prompt_tokens, answer.usage.completion_tokens
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    asked, said = len(answer.question.split()), len(_content(answer).split())
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _data(text: str) -> bytes:
    return f"data: {text}\n\n".encode()
