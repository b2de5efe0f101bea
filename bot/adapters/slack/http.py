"""HTTP mode: `POST /slack/events`, with a guard before Bolt, which answers 500 to what it can't read."""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from slack_bolt import BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from bot.adapters.slack.app import SlackApp
from bot.adapters.slack.install import install_router

LOG = logging.getLogger("citewell.slack")
MOST_BYTES = 1_000_000  # a view with all its state has some 100,000
RETRY_AFTER = "5"


def routers(slack: SlackApp) -> list[APIRouter]:
    """All routes that the settings ask for."""
    further = slack.desk.settings.client_id and slack.desk.settings.client_secret.get_secret_value()
    return [slack_router(slack), *([install_router(slack)] if further else [])]


def slack_router(slack: SlackApp) -> APIRouter:
    """The route that Slack sends everything to: events, commands, buttons, forms.

    The app answers while the router's lifespan lasts, which is that of the service it is included in.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        slack.start()
        yield
        await run_in_threadpool(slack.stop)

    router = APIRouter(lifespan=lifespan)
    verifier = SignatureVerifier(slack.desk.settings.signing_secret.get_secret_value())

    @router.post("/slack/events", include_in_schema=False)
    async def receive(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("The request is too large.", 413)
        refused = refusal(body, dict(request.headers), verifier)
        if refused:
            return refused
        # Bolt works in threads, and its listeners write to the database: the event loop has to go on meanwhile.
        return await run_in_threadpool(dispatched, slack, body, dict(request.headers))

    return router


def dispatched(slack: SlackApp, body: bytes, headers: Mapping[str, str]) -> Response:
    """What the app answers to a request that is Slack's."""
    try:
        answer = slack.app.dispatch(
            BoltRequest(body=body.decode(), headers={name: [value] for name, value in headers.items()})
        )
    except Exception as error:  # Bolt fails so on parts that are not of the kind they have to be
        LOG.warning("A request can't be read (%s: %s)", type(error).__name__, error)
        return PlainTextResponse("The request can't be read.", 400)
    if answer.status >= 500:  # not stored: Slack has to send it again
        return PlainTextResponse("Try again.", 503, headers={"Retry-After": RETRY_AFTER})
    return to_starlette_response(answer)


def refusal(body: bytes, headers: Mapping[str, str], verifier: SignatureVerifier) -> Response | None:
    """What to answer to a request that is not Slack's, or not readable; none where it is both."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    # `int` reads other digits than these, and Bolt's verifier fails with an error on the rest.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20):
        return PlainTextResponse("The request is not signed by Slack.", 401)
    try:
        text = body.decode()  # the verifier fails with an error where this does
    except UnicodeDecodeError:
        return PlainTextResponse("The request can't be read.", 400)
    if not signature.isascii() or not verifier.is_valid(text, timestamp, signature):
        return PlainTextResponse("The request is not signed by Slack.", 401)
    try:
        if headers.get("content-type", "").startswith("application/json"):
            content = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            content = json.loads(form["payload"]) if "payload" in form else form
    except ValueError:
        return PlainTextResponse("The request can't be read.", 400)
    readable = isinstance(content, dict) and content
    return None if readable else PlainTextResponse("The request can't be read.", 400)


async def _body(request: Request) -> bytes | None:
    """The body, or none where it is too large; no more of it is read than that."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
