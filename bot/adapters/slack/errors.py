"""What can go wrong with Slack, as a tree below `CitewellError`.

CitewellError
└── SlackError
    ├── SlackSettingsError  a token or another setting is missing or of the wrong kind
    ├── TokenGone           Slack doesn't take the token (any more)
    ├── PlaceGone           the channel or thread can't be written to
    └── SlackAway           Slack doesn't answer, or wants us to wait
"""

from ingest.errors import CitewellError


class SlackError(CitewellError):
    """Something is wrong with Slack or with our place in it."""


class SlackSettingsError(SlackError):
    """A token or another setting is missing or of the wrong kind."""


class TokenGone(SlackError):
    """Slack doesn't take the token (any more)."""


class PlaceGone(SlackError):
    """The channel or thread can't be written to."""


class SlackAway(SlackError):
    """Slack doesn't answer, or wants us to wait; `seconds` says how long."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
