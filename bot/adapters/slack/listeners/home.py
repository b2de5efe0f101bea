"""The app's own tabs: Home shows what the bot knows, Messages offers something to begin with."""

from typing import Any

from slack_bolt import App, BoltContext

from bot.adapters.slack import views
from bot.adapters.slack.audience import allowed
from bot.adapters.slack.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Register what listens to the app's tabs being opened."""

    def opened(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        team, user = str(body.get("team_id") or context.team_id or ""), str(event["user"])
        if event.get("tab") == "messages":
            desk.errands.run(lambda: _offer(team, user, str(event["channel"])))
        else:
            desk.errands.run(lambda: _show(team, user))

    def _audiences(team: str, user: str) -> frozenset[str]:
        readers = desk.readers.audiences(desk.calls(team), team=team, channel="", user=user)
        return allowed(frozenset(), readers)

    def _show(team: str, user: str) -> None:
        audiences = _audiences(team, user)
        library = desk.library
        view = views.home(library.documents(audiences), library.terms(audiences), library.onboarding(audiences))
        desk.calls(team).again("views.publish", user_id=user, view=view)

    def _offer(team: str, user: str, channel: str) -> None:
        prompts = views.prompts(desk.library.onboarding(_audiences(team, user)))
        desk.calls(team).again(
            "assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts, title="You could ask"
        )

    app.event("app_home_opened")(opened)
