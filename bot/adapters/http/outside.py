"""What every request passes first and every response last: who may come here, how much, and the log."""

import asyncio
import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.adapters.http.callers import visitor_cookie
from bot.adapters.http.headers import strict
from bot.adapters.http.metrics import Metrics
from bot.adapters.http.problem import Problem
from bot.adapters.http.problems import PLAIN, respond
from bot.adapters.http.reference import HEADER, new_reference
from bot.adapters.http.service import NOTED
from bot.adapters.http.settings import LOOPBACK, ServiceSettings

LOG = logging.getLogger("citewell.http")
READING = ("GET", "HEAD", "OPTIONS")
LARGER = {"/slack/events": 1_000_000}  # bytes: Slack sends a whole message, as a form, with each press of a button
QUIET = ("/healthz", "/readyz", "/metrics")  # asked every few seconds, and of no interest while they go well


class Outside:
    """The outermost layer of the service (ASGI)."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._hosts = _hosts(settings)
        self._headers = strict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reference = new_reference(scope)
        began = time.perf_counter()
        status = 499  # where the caller went away before there was any

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(HEADER, reference.encode()), *self._headers, *visitor_cookie(scope)]
                message = {**message, "headers": [*message.get("headers", []), *own]}
            await send(message)

        try:
            headers = Headers(scope=scope)
            most = max(self._settings.max_body, LARGER.get(scope["path"], 0))
            problem = self._amiss(headers, scope["method"], most)
            if problem:
                await respond(Request(scope), problem, problem)(scope, receive, sent)
            else:
                await self._app(scope, self._limited(headers, receive, most), sent)
        finally:
            self._tell(scope, reference, status, time.perf_counter() - began)

    def _amiss(self, headers: Headers, method: str, most: int) -> Problem | None:
        """Why a request is refused by its headers alone."""
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > most:
            return Problem(413, *PLAIN[413], headers={"Connection": "close"})
        # A page elsewhere may let its own name point to this machine, and read what a browser here can reach.
        host = _name(f"//{headers.get('host', '')}")
        if self._hosts and host not in self._hosts:
            return Problem(421, "wrong-host", "The service isn't reached by this name. See CITEWELL_ALLOWED_HOSTS.")
        origin = headers.get("origin")
        if origin and method not in READING and _name(origin) not in (host, *self._hosts):
            return Problem(403, "other-site", "A page of another site can't ask here.")
        return None

    def _limited(self, headers: Headers, receive: Receive, most: int) -> Receive:
        """Take only so much of a body, and wait for it only so long, where there is one to come."""
        if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
            return receive
        return _limited(receive, seconds=self._settings.body_timeout, bytes_=most)

    def _tell(self, scope: Scope, reference: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")  # never the path itself, of which there is no end
        self._metrics.requested(scope["method"], route, status, seconds)
        if scope["path"] in QUIET and status < 400:
            return
        about = {"reference": reference, "method": scope["method"], "path": scope["path"], "status": status}
        LOG.info("request", extra={**about, "ms": round(seconds * 1000, 1), **scope.get(NOTED, {})})


def _hosts(settings: ServiceSettings) -> frozenset[str]:
    """The names that the service may be reached by; empty for any."""
    if not settings.hosts and not settings.is_local:
        return frozenset()
    return frozenset({*settings.hosts, *LOOPBACK, settings.host})


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _limited(receive: Receive, *, seconds: float, bytes_: int) -> Receive:
    """Take so much of a body, and wait for all of it for so long from when it is wanted; raise `Problem` then."""
    whole = False
    until = 0.0
    taken = 0

    async def received() -> Message:
        nonlocal whole, taken, until
        if whole:
            return await receive()
        until = until or time.monotonic() + seconds
        try:
            message = await asyncio.wait_for(receive(), until - time.monotonic())
        except TimeoutError as error:
            raise Problem(
                408,
                "too-slow-to-arrive",
                f"The request did not arrive within {seconds:g} seconds. Send it again, all at once.",
                headers={"Connection": "close"},
            ) from error
        taken += len(message.get("body", b""))
        if taken > bytes_:
            raise Problem(413, *PLAIN[413], headers={"Connection": "close"})
        whole = message["type"] != "http.request" or not message.get("more_body")
        return message

    return received
