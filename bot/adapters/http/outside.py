"""What every request passes first and every response last: reference, size, patience, headers, log."""

import asyncio
import logging
import time

from secure import Secure
from secure.headers import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    XContentTypeOptions,
    XFrameOptions,
)
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.adapters.http.problems import PLAIN, Problem, ProblemResponse, body_of
from bot.adapters.http.reference import HEADER, new_reference
from bot.adapters.http.settings import ServiceSettings

LOG = logging.getLogger("citewell.http")


def strict() -> Secure:
    """Headers for all responses: nothing from another host, nothing inline, no frames."""
    return Secure(
        csp=ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .style_src("'self'")
        .img_src("'self'", "data:")
        .font_src("'self'")
        .connect_src("'self'")
        .form_action("'self'")
        .base_uri("'none'")
        .frame_ancestors("'none'"),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera().microphone().geolocation(),
        referrer=ReferrerPolicy().no_referrer(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )


class Outside:
    """The outermost layer of the service (ASGI)."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._settings = settings
        self._headers = [(name.lower().encode(), value.encode()) for name, value in strict().header_items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reference = new_reference(scope)
        began = time.perf_counter()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(HEADER, reference.encode()), *self._headers]
                message = {**message, "headers": [*message.get("headers", []), *own]}
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        try:
            if not length.isdigit() or int(length) > self._settings.max_body:
                await _refuse(413, scope, receive, sent)
            else:
                await self._app(scope, _patient(receive, self._settings.body_timeout), sent)
        finally:
            LOG.info(
                "request",
                extra={
                    "reference": reference,
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                    **scope.get("citewell.noted", {}),
                },
            )


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    problem = Problem(status, *PLAIN[status])
    response = ProblemResponse(body_of(problem, scope["citewell.reference"]), status)
    await response(scope, receive, send)


def _patient(receive: Receive, seconds: float) -> Receive:
    """Wait for the body of a request for so many seconds in all; raise `Problem` after."""
    whole = False
    until = time.monotonic() + seconds

    async def received() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), until - time.monotonic())
        except TimeoutError as error:
            raise Problem(
                408,
                "too-slow-to-arrive",
                f"The request did not arrive within {seconds:g} seconds. Send it again, all at once.",
                headers={"Connection": "close"},
            ) from error
        whole = message["type"] != "http.request" or not message.get("more_body")
        return message

    return received
