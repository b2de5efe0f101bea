"""Check that everything the Slack adapter needs is in place."""

from collections.abc import Callable, Iterator

from slack_sdk.errors import SlackApiError

from bot.adapters.slack.calls import FAILED, a_client, error_of
from bot.adapters.slack.errors import SlackError, SlackSettingsError
from bot.adapters.slack.manifest import MINIMAL, manifest
from bot.adapters.slack.settings import SlackSettings
from bot.doctor import Finding

WHAT_LACKS = {
    "channels:read": "who reads a channel can't be seen, so channels get public documents only",
    "users:read": "guests can't be told from members, so everybody gets public documents only",
    "channels:history": "after a crash an answer may come twice",
    "assistant:write": "no status is shown while answering, and no prompts are offered",
    "reactions:read": "evaluators can't propose facts by a reaction",
    "users:read.email": "owners of documents are not told of gaps in Slack",
    "commands": "there is no command",
}


def examine_slack(settings: SlackSettings) -> Iterator[Finding]:
    """Look at tokens, permissions, the socket, and what the HTTP mode needs."""
    scopes: list[str] = []
    yield _tried("Slack bot token", lambda: _bot_token(settings, scopes))
    if scopes:
        yield _permissions(scopes)
    if settings.app_token.get_secret_value():
        yield _tried("Slack app token", lambda: _app_token(settings))
    elif settings.signing_secret.get_secret_value():
        yield Finding("Slack app token", True, "SLACK_APP_TOKEN is not set; Socket Mode (citewell slack) needs it")
    else:
        yield Finding(
            "Slack connection",
            False,
            "set SLACK_APP_TOKEN for Socket Mode (citewell slack), or SLACK_SIGNING_SECRET for HTTP (citewell serve)",
        )
    if settings.signing_secret.get_secret_value():
        yield Finding("Slack signing secret", True, "is set; HTTP mode answers at /slack/events of citewell serve")
    link = settings.public_url
    well = not link or link.startswith(("https://", "http://"))
    says = link or "is not set; sources in Slack have no links" if well else f"'{link}' has to begin with https://"
    yield Finding("CITEWELL_PUBLIC_URL", well, says)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, well=True, says=look())
    except SlackError as error:
        return Finding(what, well=False, says=str(error))
    except SlackApiError as error:
        return Finding(what, well=False, says=f"Slack says '{error_of(error)}'. Copy it again from your app's page")
    except FAILED as error:
        return Finding(what, well=False, says=f"Slack can't be reached ({error}). Check the network and any proxy")


def _bot_token(settings: SlackSettings, scopes: list[str]) -> str:
    token = settings.bot_token.get_secret_value()
    if not token.startswith("xoxb-"):
        raise SlackSettingsError("SLACK_BOT_TOKEN has to begin with xoxb-. It is under OAuth & Permissions")
    said = a_client(token, api_url=settings.slack_api_url).auth_test()
    headers = {name.lower(): value for name, value in said.headers.items()}
    scopes += [scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",") if scope.strip()]
    return f"the bot of workspace {said['team']} ({said['team_id']})"


def _permissions(scopes: list[str]) -> Finding:
    least = set(manifest(MINIMAL)["oauth_config"]["scopes"]["bot"]) - set(scopes)
    if least:
        lacking = ", ".join(sorted(least))
        return Finding("Slack permissions", False, f"missing: {lacking}. Add them, and install the app again")
    lacks = [f"{scope} ({why})" for scope, why in WHAT_LACKS.items() if scope not in scopes]
    return Finding("Slack permissions", True, f"enough; without: {'; '.join(lacks)}" if lacks else "all")


def _app_token(settings: SlackSettings) -> str:
    token = settings.app_token.get_secret_value()
    if not token.startswith("xapp-"):
        raise SlackSettingsError("SLACK_APP_TOKEN has to begin with xapp-. It is under Basic Information")
    a_client(token, api_url=settings.slack_api_url).apps_connections_open(app_token=token)
    return "opens connections"
