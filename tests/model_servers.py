"""Servers that speak the protocols of OpenAI, Anthropic and Ollama over real HTTP and say what a test wants said."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
PIECE = 12  # characters that are sent at a time


@dataclass(frozen=True)
class Asked:
    """What a model was asked: the two messages, the shape asked for, and what else was in the request."""

    system: str
    user: str
    shape: dict[str, Any] | None
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def question(self) -> str:
        found = QUESTION.search(self.user)
        return found[1] if found else ""

    @property
    def passages(self) -> dict[int, str]:
        return {int(number): text for number, text in PASSAGE.findall(self.user)}

    def number_of(self, words: str) -> int:
        """The number of the passage that has these words; 99 where none has."""
        return next((number for number, text in self.passages.items() if words in text), 99)


@dataclass(frozen=True)
class Reply:
    """What is said, or how it goes wrong."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ends: str = "stop"  # or length, refusal
    silent: float = 0.0  # seconds before anything is said
    pause: float = 0.0  # seconds between pieces
    breaks_after: int | None = None  # pieces, when the connection closes


Script = Callable[[Asked], Reply | str]


@dataclass
class Server:
    """A server that runs: its address, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted(script: Script) -> Iterator[Server]:
    """Serve a script on a free port: `/v1/chat/completions`, `/v1/messages` and `/api/chat`."""
    running: Server

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            ways = {"/v1/chat/completions": _openai, "/v1/messages": _anthropic, "/api/chat": _ollama}
            events, shape, kind = ways[self.path](body)
            messages = {one["role"]: _text(one["content"]) for one in body["messages"]}
            system = messages.get("system") or _text(body.get("system", ""))
            asked = Asked(system, messages["user"], shape, body, {k.lower(): v for k, v in self.headers.items()})
            running.asked.append(asked)
            said = script(asked)
            reply = Reply(said) if isinstance(said, str) else said
            time.sleep(reply.silent)
            if reply.status != 200:
                data = json.dumps({"error": {"type": "error", "message": "as the script says"}}).encode()
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                for number, event in enumerate(events(reply)):
                    if reply.breaks_after is not None and number > reply.breaks_after:
                        return
                    self.wfile.write(event)
                    self.wfile.flush()
                    time.sleep(reply.pause)
            except OSError:  # whoever asked has had enough
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = Server(f"http://127.0.0.1:{server.server_address[1]}")
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _openai(body: dict[str, Any]) -> Any:
    """https://platform.openai.com/docs/api-reference/chat-streaming"""

    def events(reply: Reply) -> Iterator[bytes]:
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

        def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
            choices = [] if more else [{"index": 0, "delta": delta, "finish_reason": finish}]
            return b"data: " + json.dumps({**head, "choices": choices, **more}).encode() + b"\n\n"

        yield chunk({"role": "assistant", "content": ""})
        for piece in _pieces(reply.text):
            yield chunk({"content": piece})
        yield chunk({}, {"refusal": "content_filter"}.get(reply.ends, reply.ends))
        tokens = {"prompt_tokens": 1000, "completion_tokens": len(reply.text) // 4}
        yield chunk({}, usage={**tokens, "total_tokens": sum(tokens.values())})
        yield b"data: [DONE]\n\n"

    held = body.get("response_format")
    return events, held and held["json_schema"]["schema"], "text/event-stream"


def _anthropic(body: dict[str, Any]) -> Any:
    """https://docs.anthropic.com/en/docs/build-with-claude/streaming"""
    tools = body.get("tools")

    def events(reply: Reply) -> Iterator[bytes]:
        def event(name: str, **data: Any) -> bytes:
            return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()

        about = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": []}
        tokens = {"input_tokens": 1000, "output_tokens": 1}
        yield event("message_start", message={**about, "stop_reason": None, "stop_sequence": None, "usage": tokens})
        as_tool = tools and reply.text.startswith("{")
        block: dict[str, Any] = {"type": "text", "text": ""}
        if as_tool:
            block = {"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": {}}
        yield event("content_block_start", index=0, content_block=block)
        for piece in _pieces(reply.text):
            delta = {"type": "text_delta", "text": piece}
            if as_tool:
                delta = {"type": "input_json_delta", "partial_json": piece}
            yield event("content_block_delta", index=0, delta=delta)
        yield event("content_block_stop", index=0)
        ends = {"length": "max_tokens", "refusal": "refusal"}.get(reply.ends, "tool_use" if as_tool else "end_turn")
        used = {"input_tokens": 1000, "output_tokens": len(reply.text) // 4}
        yield event("message_delta", delta={"stop_reason": ends, "stop_sequence": None}, usage=used)
        yield event("message_stop")

    return events, tools and tools[0]["input_schema"], "text/event-stream"


def _ollama(body: dict[str, Any]) -> Any:
    """https://github.com/ollama/ollama/blob/main/docs/api.md"""

    def events(reply: Reply) -> Iterator[bytes]:
        def line(content: str, **more: Any) -> bytes:
            message = {"role": "assistant", "content": content}
            about = {"model": body["model"], "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
            return json.dumps({**about, **more}).encode() + b"\n"

        for piece in _pieces(reply.text):
            yield line(piece)
        counts = {"prompt_eval_count": 1000, "eval_count": len(reply.text) // 4, "total_duration": 1}
        yield line("", done=True, done_reason=reply.ends, **counts)

    return events, body.get("format"), "application/x-ndjson"


def said(
    *sentences: tuple[str, int, str], conflicts: Any = (), completeness: str = "complete", missing: str = ""
) -> str:
    """What a model says, in the form asked for: `(text, passage, words relied on)` for each sentence."""

    def listed(told: Any) -> list[dict[str, Any]]:
        return [{"quotes": [{"passage": number, "words": words}], "text": text} for text, number, words in told]

    told = {"sentences": listed(sentences), "conflicts": listed(conflicts)}
    return json.dumps({**told, "completeness": completeness, "missing": missing}, ensure_ascii=False)
