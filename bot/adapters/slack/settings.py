"""Settings of the adapter; Slack's own names keep Slack's spelling."""

from typing import Literal

from pydantic import Field, SecretStr

from bot.adapters.slack.events import FollowUps
from bot.settings import BotSettings


class SlackSettings(BotSettings):
    """Settings from the environment: `CITEWELL_SLACK_…`, and the tokens that Slack gives out."""

    public_url: str = ""
    slack_api_url: str = "https://slack.com/api/"
    slack_follow_ups: FollowUps = "participated"
    slack_stream: Literal["auto", "always", "off"] = "auto"
    slack_edits: Literal["ignore", "answer"] = "ignore"
    slack_user_quota: int = Field(default=60, ge=1)  # questions an hour; one a minute is more than anybody reads
    slack_channel_quota: int = Field(default=300, ge=1)  # questions an hour
    slack_evaluators: str = ""  # ids of people, with commas
    slack_evaluator_emoji: str = "white_check_mark"
    slack_workers: int = Field(default=4, ge=1)  # an answer takes about 10 ms here and 300 ms at Slack's side
    slack_lease: float = Field(default=30.0, gt=0)  # seconds after which another process takes over from a dead one
    slack_look_every: float = Field(default=1.0, gt=0)  # seconds between looks for questions that wait
    slack_drain: float = Field(default=20.0, ge=0)  # seconds to finish in when stopped; Kubernetes gives 30
    bot_token: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    app_token: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_SIGNING_SECRET")
    client_id: str = Field(default="", validation_alias="SLACK_CLIENT_ID")
    client_secret: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_CLIENT_SECRET")

    @property
    def evaluators(self) -> frozenset[str]:
        """The people whose reactions propose facts."""
        return frozenset(name.strip() for name in self.slack_evaluators.split(",") if name.strip())
