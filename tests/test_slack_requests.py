"""Requests to the Slack adapter: whose they are, that they are acknowledged at once, and claimed once."""

import json
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_parts import Running, running, seen
from slack_sdk.signature import SignatureVerifier
from slack_standin import CLOSED, StandIn, event, eventually, message_events, post, signed
from slack_workspace import ME, SECRET, TEAM

from bot.adapters.slack.http import dispatched, refusal

# 1: requests that are not Slack's, or not readable


def test_url_verification_is_answered(slack: Running) -> None:
    status, body = post(slack.url, {"type": "url_verification", "challenge": "c-1", "token": "t"})
    assert (status, json.loads(body)["challenge"]) == (200, "c-1")


GOOD = json.dumps({"type": "event_callback"}).encode()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (GOOD, {"X-Slack-Signature": ""}, 401),
        (GOOD, {"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        (GOOD, {"X-Slack-Request-Timestamp": "yesterday"}, 401),
        (GOOD, {"X-Slack-Request-Timestamp": "1" * 400}, 401),
        (GOOD, {"X-Slack-Request-Timestamp": ""}, 401),
        (GOOD, signed(GOOD, at=time.time() - 301), 401),
        (GOOD, signed(GOOD, secret="another"), 401),
        (b"{not json", {"X-Slack-Signature": ""}, 401),
        (b"{not json", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"[]", {}, 400),
        (b"", {}, 400),
        (b"payload=%7Bnot", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        (b"x" * 1_000_001, {}, 413),
    ],
)
def test_what_is_not_slacks_or_not_readable_is_refused(
    slack: Running, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert post(slack.url, body, **headers)[0] in ((status, CLOSED) if status == 413 else (status,))
    slack.no_answer()


NAMES = st.sampled_from(
    """type event event_id team_id team user channel actions action_id value view state values private_metadata
    command text trigger_id response_url message ts thread_ts subtype callback_id item reaction tab tokens""".split()
)
KINDS = st.sampled_from(
    """event_callback block_actions view_submission message app_mention message_deleted message_changed reaction_added
    feedback follow_up_0 tell_owner share feedback_reason app_home_opened agent_session_stopped T1 C1 U1 /ask
    1.1""".split()
)
JSON = st.recursive(
    KINDS | KINDS | st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=5),
    max_leaves=12,
)


def test_whatever_is_signed_and_makes_no_sense_is_never_an_error_of_ours(slack: Running) -> None:
    verifier = SignatureVerifier(SECRET)

    @settings(max_examples=60)
    @given(content=st.dictionaries(NAMES, JSON, max_size=6), form=st.booleans())
    def sent(content: dict[str, Any], form: bool) -> None:
        body = f"payload={quote(json.dumps(content))}".encode() if form else json.dumps(content).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"content-type": kind, **{name.lower(): value for name, value in signed(body).items()}}
        answer = refusal(body, headers, verifier) or dispatched(slack.slack, body, headers)
        assert answer.status_code in (200, 400, 404)

    sent()


def test_an_event_of_a_kind_nobody_listens_to_is_acknowledged(slack: Running) -> None:
    assert post(slack.url, event({"type": "team_join", "user": {"id": "U9"}}))[0] == 200
    slack.interact({"type": "block_actions", "team": {"id": TEAM}, "user": {"id": "U1"}, "actions": [
        {"type": "button", "action_id": "unknown", "block_id": "b"}]})  # fmt: skip


# 2: acknowledged at once


def test_a_slow_answer_is_acknowledged_at_once(slack: Running) -> None:
    slack.bot.delay = 2.5
    message = slack.standin.person_says("C1", "U1", f"<@{ME}> how many?")
    began = time.monotonic()
    assert post(slack.url, message_events(slack.standin, "C1", message)[0])[0] == 200
    acknowledged = time.monotonic() - began
    eventually(lambda: slack.bot.at_once == 1)
    assert acknowledged < 1.0
    slack.answers(message["ts"])


# 3: claims


def test_a_mention_that_comes_as_two_events_again_and_again_is_answered_once(slack: Running) -> None:
    message = slack.standin.person_says("C1", "U1", f"<@{ME}> how many?")
    events = message_events(slack.standin, "C1", message)
    assert [one["event"]["type"] for one in events] == ["message", "app_mention"]
    for retry in range(3):
        for one in reversed(events):
            assert post(slack.url, one, retry=retry)[0] == 200
    (answer,) = slack.answers(message["ts"])
    assert "is 42." in seen(answer)
    assert len(slack.bot.asked) == 1


def test_two_processes_that_get_every_event_answer_once(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir) as one, running(standin, data_dir) as other:
        messages = [standin.person_says("C1", "U1", f"<@{ME}> question {n}?") for n in range(10)]
        senders = [
            threading.Thread(target=post, args=(url, sent))
            for message in messages
            for sent in message_events(standin, "C1", message)
            for url in (one.url, other.url)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        eventually(lambda: len(standin.bot_messages()) >= 10)
        one.rest()
        for message in messages:
            assert len(standin.bot_messages("C1", message["ts"])) == 1
        assert len(one.bot.asked) + len(other.bot.asked) == 10


def test_what_an_earlier_process_accepted_and_did_not_answer_is_answered_after_a_restart(
    standin: StandIn, data_dir: Path
) -> None:
    with running(standin, data_dir, slack_workers=1) as slack:
        slack.slack.desk.worker._stopping.set()  # accepts, and answers nothing
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    assert not standin.bot_messages()
    with running(standin, data_dir) as slack:
        slack.answers(message["ts"])


def test_where_the_database_is_away_slack_is_asked_to_send_the_event_again(slack: Running, data_dir: Path) -> None:
    message = slack.standin.person_says("C1", "U1", f"<@{ME}> how many?")
    (sent, _) = message_events(slack.standin, "C1", message)
    with slack.store.database.writing():  # nobody else can write meanwhile
        assert post(slack.url, sent)[0] == 503
    assert post(slack.url, sent, retry=1)[0] == 200
    slack.answers(message["ts"])
