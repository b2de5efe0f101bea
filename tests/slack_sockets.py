"""Slack's side of Socket Mode, on loopback."""

import json
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

Args = dict[str, Any]


@dataclass
class _Envelope:
    content: Args
    attempt: int = 0
    acknowledged: threading.Event = field(default_factory=threading.Event)
    sent_at: float = 0.0
    response: Args = field(default_factory=dict)


class Sockets:
    """Socket Mode: envelopes go over whatever connection there is, again and again until one is acknowledged."""

    def __init__(self, patience: float = 3.0) -> None:
        self.patience = patience
        self.opened = 0
        self._outbox: deque[_Envelope] = deque()
        self._waiting: dict[str, _Envelope] = {}
        self._connections: set[ServerConnection] = set()
        self._lock = threading.Lock()
        self._server = serve(self._serve, "127.0.0.1", 0)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link?ticket={time.monotonic()}"

    def send(self, payload: Args, *, kind: str = "events_api") -> _Envelope:
        """Send an envelope; its `acknowledged` is set when the app has acknowledged it."""
        name = f"{kind}-{id(payload)}-{time.monotonic()}"
        envelope = _Envelope({"envelope_id": name, "type": kind, "payload": payload, "accepts_response_payload": True})
        with self._lock:
            self._outbox.append(envelope)
            self._waiting[name] = envelope
        return envelope

    def drop(self) -> None:
        """Cut all connections, without a word."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def ask_to_reconnect(self) -> None:
        """Tell the app that its connections will close, as Slack does now and then."""
        for connection in list(self._connections):
            with suppress(ConnectionClosed):
                connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def close(self) -> None:
        self._server.shutdown()
        self.drop()

    def _serve(self, connection: ServerConnection) -> None:
        mine: set[str] = set()
        self._connections.add(connection)
        self.opened += 1
        try:
            connection.send(json.dumps({"type": "hello", "num_connections": 1}))
            while True:
                self._send_next(connection, mine)
                with suppress(TimeoutError):
                    self._take(json.loads(connection.recv(timeout=0.005)), mine)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._connections.discard(connection)
            with self._lock:  # what was not acknowledged is sent again
                self._outbox.extend(self._waiting[name] for name in mine if name in self._waiting)

    def _send_next(self, connection: ServerConnection, mine: set[str]) -> None:
        with self._lock:
            late = [
                n for n in mine if n in self._waiting and time.monotonic() - self._waiting[n].sent_at > self.patience
            ]
            self._outbox.extend(self._waiting[name] for name in late)
            mine.difference_update(late)
            envelope = self._outbox.popleft() if self._outbox else None
        if envelope and not envelope.acknowledged.is_set():
            name = envelope.content["envelope_id"]
            mine.add(name)
            more = {"retry_attempt": envelope.attempt, "retry_reason": "timeout"} if envelope.attempt else {}
            envelope.attempt += 1
            envelope.sent_at = time.monotonic()
            connection.send(json.dumps({**envelope.content, **more}))

    def _take(self, message: Args, mine: set[str]) -> None:
        with self._lock:
            envelope = self._waiting.pop(message.get("envelope_id", ""), None)
            mine.discard(message.get("envelope_id", ""))
        if envelope:
            envelope.response = message.get("payload") or {}
            envelope.acknowledged.set()
