"""A server that speaks OpenAI's protocol at a fixed rate of tokens, to time what stands around a chat model."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

TOKEN = 4  # characters, about


@contextmanager
def saying(script: Callable[[str], str], *, rate: float, first: float) -> Iterator[str]:
    """Serve at the address that is given; `script` makes the text of what the user says.

    The first token comes after `first` seconds, and `rate` more each second.
    """

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            began = time.perf_counter()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = script(body["messages"][-1]["content"])
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for number, at in enumerate(range(0, len(text), TOKEN)):
                time.sleep(max(0.0, began + first + number / rate - time.perf_counter()))
                self._send({"role": "assistant", "content": text[at : at + TOKEN]}, None)
            self._send({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def _send(self, delta: dict[str, str], finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
            self.wfile.write(b"data: " + json.dumps({**head, "choices": [choice]}).encode() + b"\n\n")
            self.wfile.flush()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
