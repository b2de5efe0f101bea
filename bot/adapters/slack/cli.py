"""The command `citewell slack`: Socket Mode, and the settings of channels."""

import json
import logging
import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

# As in bot.adapters.cli, what takes long to import is imported where it is needed.
if TYPE_CHECKING:
    from bot.adapters.slack.settings import SlackSettings
    from bot.memory.slack.places import Places

DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where index and other state live  [default: $CITEWELL_DATA_DIR or .citewell]",
)
TEAM = click.option("--team", default="", help="The workspace's id, where there are several.")
CHANNEL = click.argument("channel", metavar="CHANNEL")


@click.group(invoke_without_command=True)
@DATA_DIR
@click.pass_context
def slack(ctx: click.Context, data_dir: Path | None) -> None:
    """Answer in Slack by Socket Mode, until stopped; or see and set channels."""
    if ctx.invoked_subcommand is None:
        _answer(data_dir)


@slack.command("manifest")
@click.option("--minimal", is_flag=True, help="With mentions and direct messages only.")
@click.option("--url", default="", help="The service's address, such as https://answers.example.org, for HTTP mode.")
def show_manifest(minimal: bool, url: str) -> None:
    """Print the manifest to make the app in Slack from."""
    from bot.adapters.slack.manifest import FULL, MINIMAL, manifest

    if url and not url.startswith("https://"):
        raise click.UsageError("Slack only sends events to an address that begins with https://.")
    click.echo(json.dumps(manifest(MINIMAL if minimal else FULL, url=url), indent=2))


@slack.group(invoke_without_command=True)
@DATA_DIR
@click.pass_context
def channels(ctx: click.Context, data_dir: Path | None) -> None:
    """List the channels that have an audience or a document set of their own; or set them."""
    if ctx.invoked_subcommand is not None:
        return
    with ExitStack() as stack:
        listed = _places(stack, data_dir).all()
    for place in listed:
        audiences = ", ".join(sorted(place.audiences)) or "staff"
        documents = ", ".join(place.documents) or "all documents"
        click.echo(f"{place.channel}{f' ({place.team})' if place.team else ''}: audience {audiences}; {documents}")
    if not listed:
        click.echo("No channel has settings of its own: members are answered from the documents of staff.")


@channels.command("set")
@CHANNEL
@click.option("--audience", "audiences", multiple=True, help="An audience that the channel may read; may be repeated.")
@click.option("--documents", multiple=True, metavar="PATTERN", help="Documents to answer from, such as 'hr/*'.")
@TEAM
@DATA_DIR
def set_channel(
    channel: str, audiences: tuple[str, ...], documents: tuple[str, ...], team: str, data_dir: Path | None
) -> None:
    """Give CHANNEL (its id, such as C0123456) an audience, a document set, or both; guests still limit them."""
    from bot.memory.slack.places import Place

    if not audiences and not documents:
        raise click.UsageError("Give --audience, --documents, or both; or take them away with clear.")
    _check(channel)
    with ExitStack() as stack:
        _places(stack, data_dir).set(Place(team, channel, frozenset(audiences), documents))
    click.echo(f"Set for {channel}.")


@channels.command("clear")
@CHANNEL
@TEAM
@DATA_DIR
def clear_channel(channel: str, team: str, data_dir: Path | None) -> None:
    """Let CHANNEL be as others are."""
    from bot.adapters.slack.errors import SlackSettingsError
    from bot.memory.slack.places import Place

    with ExitStack() as stack:
        if not _places(stack, data_dir).clear(Place(team, channel)):
            raise SlackSettingsError(f"{channel} has no settings of its own. See them with: citewell slack channels")
    click.echo(f"{channel} is as others are.")


def _answer(data_dir: Path | None) -> None:
    from bot.adapters.cli import bot_from
    from bot.adapters.slack.app import a_slack_app
    from bot.adapters.slack.socket import check_tokens, run_socket_mode
    from bot.memory.store import open_store

    settings = _settings(data_dir)
    _need(settings)
    check_tokens(settings)  # before the models are loaded, which takes longer
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with open_store(settings.database_address, retention_days=settings.retention_days) as store, store.tidied_daily():
        bot = bot_from(settings, memory=store)
        run_socket_mode(a_slack_app(bot, settings, store=store), stop)


def _need(settings: "SlackSettings") -> None:
    from bot.adapters.slack.errors import SlackSettingsError

    for name, value, kind in (
        ("SLACK_BOT_TOKEN", settings.bot_token.get_secret_value(), "xoxb-"),
        ("SLACK_APP_TOKEN", settings.app_token.get_secret_value(), "xapp-"),
    ):
        if not value.startswith(kind):
            wrong = "is not set" if not value else "is of another kind"
            raise SlackSettingsError(
                f"{name} {wrong}; it begins with {kind} and is on your app's page (https://api.slack.com/apps). "
                "The README says how to make the app."
            )


def _settings(data_dir: Path | None) -> "SlackSettings":
    from bot.adapters.slack.settings import SlackSettings
    from ingest.settings import load_settings

    # Either place of the option is good: citewell slack --data-dir D channels, citewell slack channels --data-dir D.
    context: click.Context | None = click.get_current_context(silent=True)
    while data_dir is None and context is not None:
        data_dir, context = context.params.get("data_dir"), context.parent
    return load_settings(SlackSettings, data_dir=data_dir)


def _places(stack: ExitStack, data_dir: Path | None) -> "Places":
    from bot.memory.slack.places import Places
    from bot.memory.store import open_store

    settings = _settings(data_dir)
    store = open_store(settings.database_address, retention_days=settings.retention_days, must_work=True)
    return Places(stack.enter_context(store).database)


def _check(channel: str) -> None:
    from bot.adapters.slack.errors import SlackSettingsError

    if not (channel[:1] in ("C", "G") and channel.isalnum() and channel.isupper()):
        raise SlackSettingsError(
            f"'{channel}' is not the id of a channel. Copy it in Slack from the channel's details, at the bottom; "
            "it begins with C."
        )
