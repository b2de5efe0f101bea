"""Options that several commands of `citewell eval` have."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.settings import BotSettings

FACTS = click.option(
    "--facts", type=click.Path(path_type=Path), help="A .jsonl file of known facts, or a folder  [default: the shipped]"
)
ANSWERER = click.option("--answerer", help="What proposes answers  [default: $CITEWELL_ANSWERER or extractive]")
OFFLINE = "extractive"  # the answerer that asks no model
DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where index and runs live  [default: $CITEWELL_DATA_DIR or .citewell]",
)


def settings_from(**overrides: Any) -> "BotSettings":
    """The settings of the bot, with command-line values before the environment."""
    from bot.settings import BotSettings
    from ingest.settings import load_settings

    return load_settings(BotSettings, **overrides)
