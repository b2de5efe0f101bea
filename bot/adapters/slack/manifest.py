"""The manifests that an app in Slack is made from."""

import json
from importlib.resources import files
from typing import Any

FULL, MINIMAL = "manifest.json", "manifest.minimal.json"


def manifest(name: str = FULL, *, url: str = "") -> dict[str, Any]:
    """A manifest that is shipped: for Socket Mode, or with the `url` of the service for HTTP mode.

    >>> manifest(url="https://answers.example.org/")["settings"]["interactivity"]["request_url"]
    'https://answers.example.org/slack/events'
    """
    found: dict[str, Any] = json.loads(files("bot.adapters.slack").joinpath(name).read_text(encoding="utf-8"))
    if url:
        events = f"{url.rstrip('/')}/slack/events"
        settings = found["settings"]
        settings["socket_mode_enabled"] = False
        settings["event_subscriptions"]["request_url"] = events
        settings["interactivity"]["request_url"] = events
        for command in found["features"].get("slash_commands", []):
            command["url"] = events
        found["oauth_config"]["redirect_urls"] = [f"{url.rstrip('/')}/slack/oauth_redirect"]
    return found
