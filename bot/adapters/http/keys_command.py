"""`citewell keys`: create, list and revoke the keys of the HTTP API."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.adapters.http.keys import Key, Keys

DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where index and other state live  [default: $CITEWELL_DATA_DIR or .citewell]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="What it may do: ask, feedback, admin  [default: ask, feedback]")
@click.option(
    "--audience", "audiences", multiple=True, help="Whose documents it may read; '*' is all  [default: staff]"
)
@DATA_DIR
@JSON
def create(
    name: str, scopes: tuple[str, ...], audiences: tuple[str, ...], data_dir: Path | None, as_json: bool
) -> None:
    """Create a key for NAME (a person, a program) and show it once."""
    read = None if "*" in audiences else frozenset(audiences or ("staff",))
    key, secret = _keys(data_dir).create(name, scopes=scopes or ("ask", "feedback"), audiences=read)
    if as_json:
        click.echo(json.dumps({**_shown(key), "key": secret}, ensure_ascii=False))
        return
    click.echo(secret)
    click.echo("Keep it now: it is not shown again. It works at once.", err=True)


@keys.command("list")
@DATA_DIR
@JSON
def list_keys(data_dir: Path | None, as_json: bool) -> None:
    """List the keys, without their secrets."""
    listed = _keys(data_dir).listed()
    if as_json:
        click.echo(json.dumps([_shown(key) for key in listed], ensure_ascii=False))
        return
    for key in listed:
        shown = _shown(key)
        state = f"revoked {key.revoked}" if key.revoked else "works"
        about = f"{','.join(shown['scopes'])}  audiences {','.join(shown['audiences'])}"
        click.echo(f"{key.id}  {key.created}  {state}  {about}  {key.name}")


@keys.command()
@click.argument("key_id", metavar="ID")
@DATA_DIR
def revoke(key_id: str, data_dir: Path | None) -> None:
    """Let the key with this ID work no longer, from now on."""
    key = _keys(data_dir).revoke(key_id)
    click.echo(f"Revoked: {key.id} ({key.name}).")


def _shown(key: "Key") -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "audiences": ["*"] if key.audiences is None else sorted(key.audiences),
        "created": key.created,
        "revoked": key.revoked,
    }


def _keys(data_dir: Path | None) -> "Keys":
    from bot.adapters.http.keys import Keys
    from bot.adapters.http.settings import ServiceSettings
    from ingest.settings import load_settings

    return Keys(load_settings(ServiceSettings, data_dir=data_dir).keys_path)
