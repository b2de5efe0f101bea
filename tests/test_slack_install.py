"""Getting the app into Slack: manifests, doctor, command line, further workspaces, and the real bot behind it."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import CITEWELL, ROOT, ingested, write
from slack_bolt import BoltRequest, BoltResponse
from slack_known import KnownBot
from slack_parts import Running, running, serving, slack_settings
from slack_standin import StandIn, eventually, message_events
from slack_workspace import APP_TOKEN, ME, SECRET, TEAM, TOKEN

from bot.adapters.cli import cli
from bot.adapters.http.app import create_app
from bot.adapters.http.settings import ServiceSettings
from bot.adapters.slack.app import a_slack_app
from bot.adapters.slack.doctor import examine_slack
from bot.adapters.slack.http import routers
from bot.adapters.slack.manifest import FULL, MINIMAL, manifest
from bot.assemble import open_bot
from bot.memory.slack.places import Place
from bot.memory.store import open_store
from ingest.embed import Embedder


def environment(standin: StandIn) -> dict[str, str]:
    tokens = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": SECRET}
    return {"CITEWELL_SLACK_API_URL": standin.base_url, **tokens}


# Manifests


@pytest.mark.parametrize("name", [FULL, MINIMAL])
def test_a_manifest_names_the_events_that_somebody_listens_to(name: str, standin: StandIn, data_dir: Path) -> None:
    wanted = {one.partition(".")[0] for one in manifest(name)["settings"]["event_subscriptions"]["bot_events"]}
    with running(standin, data_dir) as slack:
        heard = listened_to(slack)
    assert wanted <= heard
    if name == FULL:
        assert wanted == heard


def listened_to(slack: Running) -> set[str]:
    """The events that a listener before the last ones takes."""
    kinds = ("agent_session_stopped", "app_home_opened", "app_mention", "app_uninstalled", "message", "reaction_added",
             "tokens_revoked", "team_join", "reaction_removed", "channel_rename")  # fmt: skip
    found = set()
    for kind in kinds:
        request = BoltRequest(body=json.dumps({"type": "event_callback", "event": {"type": kind}}), mode="socket_mode")
        first = next(
            one for one in slack.slack.app._listeners if one.matches(req=request, resp=BoltResponse(status=200))
        )
        if first.ack_function.__name__ != "nothing":
            found.add(kind)
    return found


def test_the_manifest_asks_for_what_the_methods_need() -> None:
    scopes = set(manifest()["oauth_config"]["scopes"]["bot"])
    assert scopes >= set(manifest(MINIMAL)["oauth_config"]["scopes"]["bot"])
    for event, scope in (("app_mention", "app_mentions:read"), ("reaction_added", "reactions:read"),
                         ("message.channels", "channels:history"), ("message.im", "im:history")):  # fmt: skip
        assert event in manifest()["settings"]["event_subscriptions"]["bot_events"]
        assert scope in scopes
    assert manifest()["features"]["agent_view"]
    assert manifest()["settings"]["interactivity"]["is_enabled"]


# The doctor


def found(standin: StandIn, data_dir: Path, **given: Any) -> dict[str, tuple[bool, str]]:
    return {one.what: (one.well, one.says) for one in examine_slack(slack_settings(standin, data_dir, **given))}


def test_the_doctor_is_content_where_all_is_in_place(standin: StandIn, data_dir: Path) -> None:
    findings = found(standin, data_dir, public_url="https://answers.example.org")
    assert all(well for well, _ in findings.values()), findings
    assert findings["Slack bot token"] == (True, f"the bot of workspace Team {TEAM} ({TEAM})")
    assert findings["Slack permissions"] == (True, "all")


def test_the_doctor_says_what_lacks(standin: StandIn, data_dir: Path) -> None:
    standin.scopes = "app_mentions:read,chat:write,im:history"
    assert "guests can't be told" in found(standin, data_dir)["Slack permissions"][1]
    standin.scopes = "chat:write"
    well, says = found(standin, data_dir)["Slack permissions"]
    assert not well
    assert "app_mentions:read, im:history" in says
    for given, what, part in (
        ({"SLACK_BOT_TOKEN": ""}, "Slack bot token", "begin with xoxb-"),
        ({"SLACK_BOT_TOKEN": "xoxb-old"}, "Slack bot token", "token_revoked"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack app token", "invalid_auth"),
        ({"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": ""}, "Slack connection", "SLACK_APP_TOKEN for Socket Mode"),
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "Slack bot token", "can't be reached"),
        ({"public_url": "answers.example.org"}, "CITEWELL_PUBLIC_URL", "https://"),
    ):
        well, says = found(standin, data_dir, **given)[what]
        assert not well
        assert part in says


# The command line


def command(*arguments: str) -> tuple[int, str]:
    """Run a command in this process; give its exit status and what it said."""
    done = CliRunner().invoke(cli, list(arguments))
    said = done.output if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)
    return done.exit_code, said


def test_the_manifest_is_printed_for_either_way_of_connecting() -> None:
    assert json.loads(command("slack", "manifest")[1]) == manifest()
    assert json.loads(command("slack", "manifest", "--minimal")[1]) == manifest(MINIMAL)
    served = json.loads(command("slack", "manifest", "--url", "https://answers.example.org")[1])
    assert not served["settings"]["socket_mode_enabled"]
    assert served["features"]["slash_commands"][0]["url"] == "https://answers.example.org/slack/events"
    assert command("slack", "manifest", "--url", "answers.example.org")[0] == 2


def test_channels_are_set_listed_and_cleared(data_dir: Path) -> None:
    where = ("--data-dir", str(data_dir))
    channels = ("slack", *where, "channels")
    assert "No channel" in command(*channels)[1]
    assert command(*channels, "set", "C042", "--audience", "board", "--documents", "hr/*") == (0, "Set for C042.\n")
    assert command("slack", "channels", *where) == (0, "C042: audience board; hr/*\n")
    assert command("slack", "channels", "clear", "C042", *where)[0] == 0
    assert "has no settings of its own" in command(*channels, "clear", "C042")[1]
    assert "not the id of a channel" in command(*channels, "set", "#general", "--audience", "staff")[1]
    assert command(*channels, "set", "C042")[0] == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN is of another kind"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack doesn't take SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack doesn't take SLACK_BOT_TOKEN"),
    ],
)
def test_a_wrong_token_is_named_in_one_sentence(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch, data_dir: Path, given: dict[str, str], said: str
) -> None:
    for name, value in {**environment(standin), **given}.items():
        monkeypatch.setenv(name, value)
    status, says = command("slack", "--data-dir", str(data_dir))
    assert status == 1
    assert says.startswith(said)
    assert "\n" not in says


# The real bot


@pytest.fixture
def small(folder: Path, data_dir: Path, embedder: Embedder) -> Path:
    (folder / "hr").mkdir()
    write(folder, ferries_md="---\naudience: public\n---\n# Ferries\n\nThe county runs 12 ferries on the lake.")
    write(folder / "hr", leave_md="# Leave\n\nStaff have 28 days of annual leave (AL).")
    write(folder, board_md="---\naudience: board\n---\n# Board\n\nThe board meets on the third Tuesday in Ash House.")
    ingested(folder, data_dir, embedder)
    return data_dir


def test_citewell_slack_answers_by_socket_mode_and_stops_when_told(small: Path, standin: StandIn) -> None:
    process = subprocess.Popen(
        [CITEWELL, "slack", "--data-dir", small], env={**os.environ, **environment(standin)}, cwd=ROOT,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        message = standin.person_says("C1", "U1", f"<@{ME}> How many days of annual leave do staff have?")
        sent = [standin.sockets.send(one) for one in message_events(standin, "C1", message)]
        (answer,) = eventually(lambda: standin.bot_messages("C1", message["ts"]), within=40)
        assert "28 days" in json.dumps(answer["blocks"])
        for envelope in sent:
            assert envelope.acknowledged.wait(5)
        eventually(lambda: not standin.busy_threads())
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    assert process.returncode == 0, log
    assert "Traceback" not in log


def test_the_service_answers_slack_and_documents_keep_to_their_readers(small: Path, standin: StandIn) -> None:
    settings = slack_settings(standin, small)
    with open_store(settings.database_address, retention_days=90) as store:
        bot = open_bot(settings, memory=store)
        slack = a_slack_app(bot, settings, store=store)
        app = create_app(bot, store, ServiceSettings(data_dir=small), also=routers(slack))
        with serving(app) as url:
            people = Running(slack, standin, KnownBot(store), store, url)
            standin.add_user("UGUEST", "guest", is_restricted=True)
            standin.add_channel("C2", "with-guest", members={ME, "U1", "UGUEST"})

            def said(channel: str, question: str) -> str:
                message = people.person_says(channel, "U1", f"<@{ME}> {question}")
                return json.dumps(people.answers(message["ts"])[0]["blocks"])

            leave, meets = "How many days of annual leave do staff have?", "When does the board meet?"
            assert "28 days" in said("C1", leave)
            assert "28 days" not in said("C2", leave)
            assert "12 ferries" in said("C2", "How many ferries does the county run?")
            assert "Tuesday" not in said("C1", meets)
            slack.desk.places.set(Place("", "C1", frozenset({"board", "staff"}), ("board.md",)))
            assert "Tuesday" in said("C1", meets)
            assert "28 days" not in said("C1", leave)
            big = "x" * 200_000  # more than other routes take
            pressed = [{"type": "button", "action_id": "unknown", "block_id": "b"}]
            people.interact({"type": "block_actions", "actions": pressed, "message": {"text": big}})
        bot.index.catalog.close()


# Further workspaces


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def test_the_app_is_installed_in_a_further_workspace(standin: StandIn, data_dir: Path) -> None:
    standin.codes["code-2"] = ("T2", "xoxb-T2")
    standin.tokens["xoxb-T2"] = "T2"
    given = {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "c1", "SLACK_CLIENT_SECRET": "s1"}
    with running(standin, data_dir, **given) as slack:
        base = slack.url.removesuffix("events")
        opener = urllib.request.build_opener(NoRedirect)
        with pytest.raises(urllib.error.HTTPError) as to_slack:
            opener.open(f"{base}install")
        assert to_slack.value.code == 302
        cookie = to_slack.value.headers["Set-Cookie"].partition(";")[0]
        state = cookie.partition("=")[2]
        for wrong in ("code=code-2&state=other", "code=code-2", f"code=unknown&state={state}"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                opener.open(urllib.request.Request(f"{base}oauth_redirect?{wrong}", headers={"Cookie": cookie}))
            assert refused.value.code == 400
        done = opener.open(
            urllib.request.Request(f"{base}oauth_redirect?code=code-2&state={state}", headers={"Cookie": cookie})
        )
        assert b"installed in Team T2" in done.read()
        installed = slack.slack.desk.workspaces.find("T2")
        assert installed is not None
        assert (installed.token, installed.user) == ("xoxb-T2", ME)
