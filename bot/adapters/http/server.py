"""Run the service under uvicorn."""

import asyncio
from collections.abc import Sequence
from typing import Any

import uvicorn
from fastapi import APIRouter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.adapters.http.app import create_app
from bot.adapters.http.logs import log_to_stderr
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot
from bot.memory.store import Store

SECONDS_OF_HEADERS = 10.0  # until a request has arrived as far as its body; a phone on a bad line takes two
BYTES_OF_HEADERS = 32_768  # of names, values and address; browsers send two to eight thousand
CONNECTIONS = 1000  # open at once; each takes a file of the process, of which 1,024 is a usual limit


def serve(bot: Bot, store: Store, settings: ServiceSettings, *, also: Sequence[APIRouter] = ()) -> None:
    """Serve, with routes of other adapters, until told to stop; then let answers under way finish."""
    log_to_stderr(settings.log_format)
    uvicorn.Server(configuration(create_app(bot, store, settings, also=also), settings)).run()


def configuration(app: Any, settings: ServiceSettings) -> uvicorn.Config:
    """How uvicorn serves the app."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Impatient,
        ws="none",
        log_config=None,
        access_log=False,  # bot.adapters.http.outside logs each request
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=settings.drain_timeout,
    )


class Impatient(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for ever, and takes any amount, until a request has a body."""

    _waiting: asyncio.TimerHandle | None = None
    _length = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for a further request on the same connection, from its first byte."""
        super().on_message_begin()
        self._length = 0
        self._wait()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        super().on_url(url)
        self._count(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        super().on_header(name, value)
        self._count(name + value)

    def on_headers_complete(self) -> None:
        """Wait no more: the body has a limit of its own."""
        self._wait_no_more()
        super().on_headers_complete()

    def _count(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > BYTES_OF_HEADERS:
            self._refuse(b"431 Request Header Fields Too Large", b"The address and headers are too long.")

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(
            SECONDS_OF_HEADERS, self._refuse, b"408 Request Timeout", b"The request did not arrive in time."
        )

    def _wait_no_more(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, status: bytes, detail: bytes) -> None:
        if self.transport.is_closing():
            return
        length = str(len(detail)).encode()
        head = b"HTTP/1.1 " + status + b"\r\ncontent-type: text/plain\r\ncontent-length: " + length
        self.transport.write(head + b"\r\nconnection: close\r\n\r\n" + detail)
        self.transport.close()
