"""Install the app in further workspaces (OAuth): `GET /slack/install` and `GET /slack/oauth_redirect`."""

import logging
import secrets

from fastapi import APIRouter, Request
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.adapters.slack.app import SlackApp
from bot.adapters.slack.calls import FAILED, a_client
from bot.adapters.slack.manifest import manifest
from bot.memory.slack.installed import Installed

LOG = logging.getLogger("citewell.slack")
COOKIE = "citewell_slack_install"
GOOD_FOR = 600  # seconds to press the button at Slack


def install_router(slack: SlackApp) -> APIRouter:
    """The routes; the app's client id and secret have to be set."""
    router = APIRouter(include_in_schema=False)
    settings = slack.desk.settings
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    generator = AuthorizeUrlGenerator(client_id=settings.client_id, scopes=scopes)

    @router.get("/slack/install")
    async def install() -> Response:
        state = secrets.token_urlsafe(24)
        response = RedirectResponse(generator.generate(state), 302)
        response.set_cookie(COOKIE, state, max_age=GOOD_FOR, secure=True, httponly=True, samesite="lax")
        return response

    @router.get("/slack/oauth_redirect")
    async def installed(request: Request, code: str = "", state: str = "") -> Response:
        known = request.cookies.get(COOKIE, "")
        if not (code and known and secrets.compare_digest(known.encode(), state.encode())):
            return PlainTextResponse("This link is too old, or was opened elsewhere. Begin at /slack/install.", 400)
        try:
            team = await run_in_threadpool(_exchange, code)
        except (SlackApiError, *FAILED) as error:
            LOG.warning("An installation failed: %s", error)
            return PlainTextResponse("Slack did not confirm the installation. Begin again at /slack/install.", 400)
        response = PlainTextResponse(f"Citewell is installed in {team}. You can close this page and write to it.")
        response.delete_cookie(COOKIE)
        return response

    def _exchange(code: str) -> str:
        said = a_client("", api_url=settings.slack_api_url).oauth_v2_access(
            client_id=settings.client_id, client_secret=settings.client_secret.get_secret_value(), code=code
        )
        token = said["access_token"]
        about = a_client(token, api_url=settings.slack_api_url).auth_test()
        enterprise = str((said.get("enterprise") or {}).get("id") or "")
        slack.desk.workspaces.add(
            Installed(said["team"]["id"], token, about["bot_id"], said["bot_user_id"], enterprise)
        )
        LOG.info("Installed in workspace %s", said["team"]["id"])
        return str(said["team"].get("name") or said["team"]["id"])

    return router
