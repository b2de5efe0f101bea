"""What people in Slack see, behaviour by behaviour: a real server, signed requests, and a strict stand-in for Slack."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_known import HR
from slack_parts import Running, elements, running
from slack_sdk.signature import SignatureVerifier
from slack_standin import CLOSED, Fault, StandIn, a_standin, event, eventually, message_events, post, signed
from slack_workspace import ME, MY_BOT, SECRET, TEAM
from sqlalchemy import select

from bot.adapters.slack.http import dispatched, refusal
from bot.memory.slack.installed import Installed
from bot.memory.slack.places import Place
from bot.memory.tables import slack_questions


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with a_standin() as one:
        yield one


@pytest.fixture
def slack(standin: StandIn, data_dir: Path) -> Iterator[Running]:
    with running(standin, data_dir) as one:
        yield one


def seen(message: dict[str, Any]) -> str:
    """What a reader sees: blocks, and text where there are none or where it was streamed above them."""
    text = message.get("text", "") if message.get("streamed") or not message.get("blocks") else ""
    return text + json.dumps(message.get("blocks") or [], ensure_ascii=False)


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
    slack.bot.delay = 5.0
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


# 4: who is not listened to


@pytest.mark.parametrize(
    "about",
    [
        {"user": ME},
        {"user": "USLACKBOT"},
        {"user": "U2", "bot_id": "B9", "subtype": "bot_message"},
        {"user": "U2", "bot_id": "B9"},
        {"user": ME, "bot_id": MY_BOT},
        {"user": "U2", "subtype": "channel_join"},
        {"user": "U2", "subtype": "channel_topic"},
        {"user": "U2", "hidden": True},
        {"user": ""},
    ],
)
def test_bots_and_news_about_the_channel_are_not_answered(slack: Running, about: dict[str, Any]) -> None:
    content = {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "ts": "1700000001.1",
        "text": "how many?",
        **about,
    }
    assert post(slack.url, event(content))[0] == 200
    slack.no_answer()


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_question_beside_a_file_or_sent_to_the_channel_too_is_answered(slack: Running, subtype: str) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?", subtype=subtype)
    slack.answers(message["ts"])


# 5: when to speak


def test_a_direct_message_is_answered_without_a_mention(slack: Running) -> None:
    message = slack.person_says("D1", "U1", "how many?")
    slack.answers(message["ts"])


def test_a_channel_is_answered_only_where_the_bot_is_mentioned(slack: Running) -> None:
    slack.person_says("C1", "U1", "how many?")
    slack.person_says("C1", "U1", "<@U2> how many?")
    slack.no_answer()


def test_a_follow_up_is_answered_in_a_thread_that_the_bot_takes_part_in(slack: Running) -> None:
    root = slack.person_says("C1", "U1", f"<@{ME}> how many?")["ts"]
    slack.answers(root)
    slack.person_says("C1", "U2", "since when?", thread_ts=root)
    slack.answers(root, 2)
    slack.person_says("C1", "U1", "<@U2> do you know?", thread_ts=root)  # to somebody else
    slack.person_says("C1", "U1", "the next topic")  # not in the thread
    slack.answers(root, 2)
    elsewhere = slack.person_says("C1", "U2", "lunch?")["ts"]
    slack.person_says("C1", "U1", "yes", thread_ts=elsewhere)
    assert not slack.standin.bot_messages("C1", elsewhere)


@pytest.mark.parametrize(("setting", "answers"), [("off", 1), ("always", 2)])
def test_follow_ups_can_be_set(standin: StandIn, data_dir: Path, setting: str, answers: int) -> None:
    with running(standin, data_dir, slack_follow_ups=setting) as slack:
        root = slack.person_says("C1", "U1", f"<@{ME}> how many?")["ts"]
        slack.answers(root)
        slack.person_says("C1", "U1", "since when?", thread_ts=root)
        slack.answers(root, answers)


# 6: what was typed


def test_only_our_own_mention_is_taken_out_and_entities_are_readable(slack: Running) -> None:
    slack.standin.users["U2"]["profile"]["display_name"] = "Ann"
    text = f"<@{ME}> does <@U2> in <#C1|general> read <https://a.example|the R&amp;D plan>?"
    message = slack.person_says("C1", "U1", text)
    slack.answers(message["ts"])
    assert slack.bot.asked[0]["question"] == "does @Ann in #general read the R&D plan?"


def test_a_mention_and_nothing_else_gets_a_plain_sentence(slack: Running) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}>")
    (answer,) = slack.answers(message["ts"])
    assert "Ask one in words" in seen(answer)


# 7: threads are conversations, in order


def test_a_thread_is_one_conversation_answered_in_order_one_at_a_time(slack: Running) -> None:
    slack.bot.delay = 0.05
    root = slack.person_says("C1", "U1", f"<@{ME}> question 0?")["ts"]
    for number in range(1, 6):
        slack.person_says("C1", "U1", f"<@{ME}> question {number}?", thread_ts=root)
    answers = slack.answers(root, 6)
    assert [f"question {n}?" in seen(answer) for n, answer in enumerate(answers)] == [True] * 6
    assert slack.bot.most_at_once == 1
    assert {one["conversation_id"] for one in slack.bot.asked} == {f"slack:{TEAM}:C1:{root}"}
    (conversation,) = slack.store.conversations.of(f"slack:{TEAM}:C1")
    assert len(slack.store.conversations.turns(conversation.id, asker=f"slack:{TEAM}:C1")) == 6


def test_threads_are_answered_beside_one_another(slack: Running) -> None:
    slack.bot.delay = 0.3
    for number in range(4):
        slack.person_says("C1", "U1", f"<@{ME}> question {number}?")
    slack.answers(count=4)
    assert slack.bot.most_at_once > 1


def test_another_persons_direct_messages_are_another_conversation(slack: Running) -> None:
    message = slack.person_says("D1", "U1", "how many?")
    slack.answers(message["ts"])
    assert slack.bot.asked[0]["asker"] == f"slack:{TEAM}:U1"


# 8: who reads along


def audiences(slack: Running) -> list[str]:
    slack.rest()
    return sorted(slack.bot.asked[-1]["audiences"])


def test_members_alone_are_answered_from_the_documents_of_staff(slack: Running) -> None:
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    assert audiences(slack) == ["public", "staff"]
    slack.person_says("D1", "U1", "how many?")
    assert audiences(slack) == ["public", "staff"]


def test_a_guest_a_stranger_or_another_organisation_in_a_channel_reads_public_documents_only(slack: Running) -> None:
    standin = slack.standin
    standin.add_user("UGUEST", "guest", is_restricted=True)
    standin.add_user("USTRANGER", "stranger", team="T9", is_stranger=True)
    standin.add_channel("C2", "with-guest", members={ME, "U1", "UGUEST"})
    standin.add_channel("C3", "with-stranger", members={ME, "U1", "USTRANGER"})
    standin.add_channel("C4", "with-somebody-unknown", members={ME, "U1", "UNKNOWN"})
    standin.add_channel("C5", "shared", members={ME, "U1"}, shared=True)
    standin.add_channel("D2", "", kind="im", members={ME, "UGUEST"})
    for channel in ("C2", "C3", "C4", "C5"):
        slack.person_says(channel, "U1", f"<@{ME}> how many?")
        assert audiences(slack) == ["public"], channel
    slack.person_says("D2", "UGUEST", "how many?")
    assert audiences(slack) == ["public"]


def test_what_cant_be_found_out_is_public(slack: Running) -> None:
    slack.standin.missing_scopes = {"conversations.info", "users.info"}
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    assert audiences(slack) == ["public"]
    slack.person_says("D1", "U1", "how many?")
    assert audiences(slack) == ["public"]


def test_a_channel_can_be_given_an_audience_and_documents_which_guests_still_limit(slack: Running) -> None:
    slack.slack.desk.places.set(Place("", "C1", frozenset({"board"}), ("hr/*",)))
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    assert audiences(slack) == ["board", "public"]
    assert slack.bot.asked[-1]["documents"] == ("hr/*",)
    slack.standin.add_user("UGUEST", "guest", is_ultra_restricted=True)
    slack.standin.add_channel("C2", "with-guest", members={ME, "U1", "UGUEST"})
    slack.slack.desk.places.set(Place(TEAM, "C2", frozenset({"board", "staff"})))
    slack.person_says("C2", "U1", f"<@{ME}> how many?")
    assert audiences(slack) == ["public"]


# 9: streams

LONG = "First of all it is so. Then it is otherwise. At last it ends"


@pytest.mark.parametrize("expires_after", [1000, 2, 1, 0])
def test_an_answer_streams_and_is_whole_where_the_stream_ends_early(
    standin: StandIn, data_dir: Path, expires_after: int
) -> None:
    standin.stream_expires_after = expires_after
    with running(standin, data_dir) as slack:
        slack.bot.text = lambda question: LONG
        message = slack.person_says("D1", "U1", "how many?")
        (answer,) = slack.answers(message["ts"])
    assert standin.calls("chat.startStream")
    for part in (*LONG.split(". "), "Sources"):
        assert seen(answer).count(part) == 1
    assert answer["streamed"] is (expires_after == 1000)


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("kind", ["disconnect", "status", "error"])
def test_a_stream_whose_replies_get_lost_says_everything_once(
    slack: Running, method: str, done: bool, kind: str
) -> None:
    slack.bot.text = lambda question: LONG
    slack.standin.fail(method, Fault(kind, {"error": "internal_error"}.get(kind, 503), done_all_the_same=done))
    message = slack.person_says("D1", "U1", "how many?")
    (answer,) = slack.answers(message["ts"])
    for part in (*LONG.split(". "), "Sources"):
        assert seen(answer).count(part) == 1
    assert not slack.standin.streams.get(answer["ts"])


def test_where_nothing_can_be_streamed_the_answer_is_posted(slack: Running) -> None:
    slack.standin.fail("chat.startStream", Fault("error", "missing_scope"), Fault("ratelimited", 30))
    for _ in range(2):
        message = slack.person_says("D1", "U1", "how many?")
        (answer,) = slack.answers(message["ts"])
        assert answer.get("streaming") is None


def test_channels_stream_where_that_is_set(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, slack_stream="always") as slack:
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
        (answer,) = slack.answers(message["ts"])
    assert answer["streaming"] is False


# 10 and 11 are in test_slack_render.py; here is what arrives


def test_an_answer_has_sources_conflicts_follow_ups_and_thumbs(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, public_url="https://answers.example.org") as slack:
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
        (answer,) = slack.answers(message["ts"])
    for part in ("[1]", "Leave", "2022", "It is 42.", "superseded", "2020: 43 [2]", "Since when?", "feedback_buttons",
                 f"https://answers.example.org/documents/{HR}#p-0"):  # fmt: skip
        assert part in seen(answer)


def test_a_message_that_slack_finds_too_long_is_made_smaller(slack: Running) -> None:
    slack.standin.fail("chat.postMessage", Fault("error", "msg_blocks_too_long"), Fault("error", "msg_blocks_too_long"))
    slack.bot.text = lambda question: "It is so. " * 400
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    eventually(lambda: slack.standin.bot_messages("C1", message["ts"]))
    slack.rest()
    said = " ".join(seen(one) for one in slack.standin.bot_messages("C1", message["ts"]))
    assert said.count("It is so.") == 400


def test_where_slack_takes_no_blocks_the_text_arrives(slack: Running) -> None:
    slack.standin.fail("chat.postMessage", *[Fault("error", "invalid_blocks")] * 3)
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    assert "is 42." in answer["text"]
    assert not answer.get("blocks")


# 12: the status


def test_the_status_shows_a_slow_answer_and_is_cleared_whatever_happens(slack: Running) -> None:
    slack.bot.delay = 0.7
    slack.standin.fail("agents.sessions.setStatus", Fault("delay", 0), Fault("disconnect"), Fault("status", 503))
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    eventually(slack.standin.busy_threads)
    slack.answers(message["ts"])
    assert slack.standin.statuses == {("C1", message["ts"]): "active"}
    slack.bot.fails = RuntimeError("boom")
    slack.standin.fail("agents.sessions.setStatus", Fault("disconnect", done_all_the_same=True))
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    slack.answers(message["ts"])
    assert slack.standin.statuses["C1", message["ts"]] == "active"


def test_a_quick_answer_needs_no_status(slack: Running) -> None:
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    slack.answers()
    assert not slack.standin.calls("agents.sessions.setStatus")


def test_an_app_without_a_status_answers_all_the_same_and_asks_no_more(slack: Running) -> None:
    slack.standin.missing_scopes = {"agents.sessions.setStatus"}
    slack.bot.delay = 0.7
    for number in range(2):
        slack.person_says("C1", "U1", f"<@{ME}> question {number}?")
        slack.answers(count=number + 1)
    assert len(slack.standin.calls("agents.sessions.setStatus")) == 1


# 13: limits and outages


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("ratelimited", 1)],
        [Fault("status", 503), Fault("status", 500)],
        [Fault("disconnect")],
        [Fault("disconnect", done_all_the_same=True)],
        [Fault("status", 502, done_all_the_same=True)],
        [Fault("error", "internal_error", done_all_the_same=True)],
        [Fault("error", "fatal_error")],
        [Fault("disconnect", done_all_the_same=True), Fault("status", 503), Fault("ratelimited", 1)],
    ],
)
def test_whatever_happens_to_the_posting_there_is_one_answer(slack: Running, faults: list[Fault]) -> None:
    slack.standin.fail("chat.postMessage", *faults)
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    slack.answers(message["ts"])


def test_a_long_wait_gives_the_thread_to_others_and_the_answer_comes_later(slack: Running) -> None:
    slack.standin.fail("chat.postMessage", Fault("ratelimited", 30))
    waiting = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    eventually(lambda: slack.standin.calls("chat.postMessage"))
    other = slack.person_says("C1", "U2", f"<@{ME}> and you?")
    eventually(lambda: slack.standin.bot_messages("C1", other["ts"]))
    assert not slack.standin.bot_messages("C1", waiting["ts"])
    eventually(lambda: slack.slack.desk.claims.states() == {"waiting": 1, "done": 1})


def test_a_revoked_token_is_logged_once_and_nobody_crashes(slack: Running, caplog: pytest.LogCaptureFixture) -> None:
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    slack.answers()
    slack.standin.tokens.clear()
    for number in range(3):
        slack.person_says("C1", "U1", f"<@{ME}> question {number}?")
    eventually(lambda: "Slack doesn't take SLACK_BOT_TOKEN" in caplog.text)
    time.sleep(0.2)
    assert caplog.text.count("Slack doesn't take SLACK_BOT_TOKEN") == 1
    slack.person_says("C1", "U1", f"<@{ME}> and now?")
    assert slack.slack.desk.claims.states() == {"done": 1, "waiting": 4}  # for a token that works


def test_a_channel_that_cant_be_written_to_is_given_up(slack: Running, caplog: pytest.LogCaptureFixture) -> None:
    slack.standin.fail("chat.postMessage", Fault("error", "is_archived"))
    slack.person_says("C1", "U1", f"<@{ME}> how many?")
    eventually(lambda: slack.slack.desk.claims.states() == {"failed": 1})
    assert "is_archived" in caplog.text


def test_a_person_who_asks_too_much_is_told_so_alone(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, slack_user_quota=2, slack_channel_quota=3) as slack:
        for _ in range(3):
            slack.person_says("C1", "U1", f"<@{ME}> how many?")
        slack.answers(count=2)
        assert "2 questions within an hour" in standin.ephemerals[-1]["text"]
        assert standin.ephemerals[-1]["user"] == "U1"
        for _ in range(2):
            slack.person_says("C1", "U2", f"<@{ME}> how many?")
        slack.answers(count=3)
        assert "3 questions were asked here" in standin.ephemerals[-1]["text"]


# 14: edits and deletions


def edited(message: dict[str, Any], text: str) -> dict[str, Any]:
    new = {**message, "text": text, "edited": {"user": message["user"], "ts": "1700000099.1"}}
    return event({
        "type": "message", "subtype": "message_changed", "channel": "C1", "channel_type": "channel", "hidden": True,
        "ts": "1700000099.1", "event_ts": "1700000099.1", "message": new, "previous_message": message,
    })  # fmt: skip


def test_an_edit_is_ignored(slack: Running) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    slack.answers(message["ts"])
    post(slack.url, edited(message, f"<@{ME}> how much?"))
    slack.answers(message["ts"])


def test_an_edit_is_answered_where_that_is_set(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, slack_edits="answer") as slack:
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
        slack.answers(message["ts"])
        for _ in range(2):
            post(slack.url, edited(message, f"<@{ME}> how much?"))
        post(slack.url, edited(message, message["text"]))  # a link was unfurled: nothing was typed
        answers = slack.answers(message["ts"], 2)
        assert "Asked: how much?" in seen(answers[1])


def test_a_question_that_was_deleted_is_not_answered(slack: Running) -> None:
    slack.bot.delay = 0.8
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    eventually(slack.standin.busy_threads)
    content = {"type": "message", "subtype": "message_deleted", "channel": "C1", "channel_type": "channel",
               "deleted_ts": message["ts"], "ts": "1700000099.1", "event_ts": "1.1", "hidden": True}  # fmt: skip
    post(slack.url, event(content))
    eventually(lambda: slack.slack.desk.claims.states() == {"cancelled": 1})
    eventually(lambda: not slack.standin.busy_threads())
    assert not slack.standin.bot_messages()


def test_the_stop_button_stops(slack: Running) -> None:
    slack.bot.delay = 0.5
    message = slack.person_says("D1", "U1", "how many?")
    eventually(lambda: slack.bot.asked)
    content = {"type": "agent_session_stopped", "channel": "D1", "thread_ts": message["ts"], "user": "U1",
               "streaming_message_ts": [], "event_ts": "1700000099.1"}  # fmt: skip
    post(slack.url, event(content))
    eventually(lambda: slack.slack.desk.claims.states() == {"cancelled": 1})
    eventually(lambda: slack.bot.at_once == 0)
    (said,) = slack.answers(message["ts"])
    assert said["text"].startswith("Stopped")


# 15: thumbs


def test_thumbs_are_kept_with_the_answer_one_vote_a_person_and_changeable(slack: Running) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    thumbs = elements(answer)[-1]
    answer_id = thumbs["positive_button"]["value"].removeprefix("up:")
    for user, rating in (("U1", "up"), ("U2", "up"), ("U1", "down")):
        slack.click(answer, "feedback", user, value=f"{rating}:{answer_id}")
    slack.rest()
    votes = {vote.asker: vote.rating for vote in slack.store.votes.on(answer_id)}
    assert votes == {f"slack:{TEAM}:U1": "down", f"slack:{TEAM}:U2": "up"}
    (form,) = slack.standin.modals
    state = {"values": {"feedback_reason": {"feedback_reason": {"value": "It is 43."}}}}
    slack.interact({
        "type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U1"},
        "view": {**form, "id": "V1", "state": state},
    })  # fmt: skip
    assert {vote.reason for vote in slack.store.votes.on(answer_id)} == {"", "It is 43."}
    assert slack.store.votes.down()[0].answer.answer_id == answer_id


def test_a_thumb_for_an_answer_nobody_knows_is_taken_quietly(slack: Running) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    slack.click(answer, "feedback", value="up:unknown")
    slack.click(answer, "feedback", value="sideways")


def test_a_follow_up_button_asks_in_the_thread_once(slack: Running) -> None:
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    for user in ("U2", "U2", "U3"):
        slack.click(answer, "follow_up_0", user)
    answers = slack.answers(message["ts"], 2)
    assert "Asked: Since when?" in seen(answers[1])
    assert slack.bot.asked[1]["conversation_id"] == slack.bot.asked[0]["conversation_id"]


# Refusals


def test_a_refusal_can_be_told_to_the_owner_of_the_documents(slack: Running) -> None:
    slack.standin.add_user("U8", "owner", email="owner@example.org")
    slack.bot.status = "not_found"
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    assert "Nearest passages" in seen(answer)
    for _ in range(2):
        slack.click(answer, "tell_owner")
    slack.rest()
    (gap,) = slack.store.reports.gaps()
    assert (gap.question, gap.document_ids, gap.told) == ("how many?", (HR, "open.md"), True)
    assert "It is noted" in slack.standin.ephemerals[-1]["text"]
    (told,) = slack.standin.bot_messages("D-U8")
    assert "how many?" in told["text"]


# 16: the command


def test_a_command_is_answered_to_the_person_alone(slack: Running) -> None:
    (answer,) = slack.command("how many?")
    assert answer["response_type"] == "ephemeral"
    assert "is 42." in seen(answer)
    assert not slack.standin.bot_messages()


def test_a_command_without_a_question_says_how_to_ask(slack: Running) -> None:
    slack.command("  ")
    slack.no_answer()


def test_an_answer_is_shared_only_where_all_may_read_what_it_quotes(slack: Running) -> None:
    (answer,) = slack.command("how many?")
    for _ in range(2):
        slack.click(answer, "share")
    (shared,) = slack.answers(channel="C1")
    assert "Asked: how many?" in seen(shared)
    slack.standin.add_channel("C5", "shared", members={ME, "U1"}, shared=True)
    (answer,) = slack.command("how much?", channel="C5")
    slack.click(answer, "share", channel="C5")
    slack.rest()
    assert not slack.standin.bot_messages("C5")
    assert "not shared" in slack.standin.ephemerals[-1]["text"]


# 17: the app's own tabs


def opened(tab: str, user: str = "U1") -> dict[str, Any]:
    return event({"type": "app_home_opened", "user": user, "channel": "D1", "tab": tab, "event_ts": f"1.{tab}{user}"})


def test_home_shows_documents_with_dates_how_to_ask_the_way_in_and_the_words(slack: Running) -> None:
    post(slack.url, opened("home"))
    slack.rest()
    home = seen(slack.standin.homes["U1"])
    for part in ("Leave (2022)", "Old (2020)", "ask as you would ask a colleague", "Who we are", "annual leave"):
        assert part in home
    assert "board" not in home


def test_a_guest_sees_what_guests_may_read(slack: Running) -> None:
    slack.standin.add_user("UGUEST", "guest", is_restricted=True)
    post(slack.url, opened("home", "UGUEST"))
    slack.rest()
    home = seen(slack.standin.homes["UGUEST"])
    assert "Old (2020)" in home
    assert "Leave" not in home
    assert "annual leave" not in home


def test_a_question_on_home_is_answered_in_private(slack: Running) -> None:
    post(slack.url, opened("home"))
    slack.rest()
    action = next(one for one in elements(slack.standin.homes["U1"]) if one["action_id"].startswith("follow_up"))
    slack.interact({
        "type": "block_actions", "team": {"id": TEAM}, "user": {"id": "U1"}, "container": {"type": "view"},
        "trigger_id": "t", "actions": [{**action, "block_id": "b"}],
    })  # fmt: skip
    said = slack.answers(count=2, channel="D-U1")
    assert "Who runs the ferries?" in said[0]["text"]
    assert said[1]["thread_ts"] == said[0]["ts"]


def test_the_messages_tab_offers_something_to_begin_with(slack: Running) -> None:
    post(slack.url, opened("messages"))
    slack.rest()
    prompts = slack.standin.prompts["D1"]["prompts"]
    assert [one["message"] for one in prompts] == ["onboarding", "glossary", "Who runs the ferries?"]
    for word, part in (("onboarding", "We run ferries &amp; buses."), ("Glossary", "annual leave")):
        message = slack.person_says("D1", "U1", word)
        (answer,) = slack.answers(message["ts"])
        assert part in seen(answer)
    assert not slack.bot.asked


# 18: errors


def test_an_error_is_one_sentence_with_a_reference_that_the_log_has(
    slack: Running, caplog: pytest.LogCaptureFixture
) -> None:
    slack.bot.fails = RuntimeError("secret detail")
    message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
    (answer,) = slack.answers(message["ts"])
    assert "secret" not in seen(answer)
    reference = answer["text"].rpartition("quote ")[2].rstrip(".")
    assert f"(reference {reference})" in caplog.text
    assert len(reference) == 12


# 19: shutdown


def test_what_is_in_hand_is_finished_and_the_rest_is_left_for_the_next_start(
    standin: StandIn, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(standin, data_dir, slack_workers=1) as slack:
        slack.bot.delay = 0.4
        for number in range(3):
            slack.person_says("C1", "U1", f"<@{ME}> question {number}?")
        eventually(lambda: slack.bot.asked)
        assert slack.slack.stop()
        assert len(standin.bot_messages()) == 1
        assert slack.slack.desk.claims.states() == {"done": 1, "waiting": 2}
    with running(standin, data_dir) as slack:
        slack.answers(count=3)


def test_what_is_not_finished_in_time_is_marked_and_answered_by_the_next(
    standin: StandIn, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(standin, data_dir, slack_drain=0.1, slack_lease=60) as slack:
        slack.bot.delay = 2.0
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
        eventually(lambda: slack.bot.asked)
        assert not slack.slack.stop()
        assert "left for the next start" in caplog.text
        with running(standin, data_dir) as other:  # well within the first one's lease
            other.answers(message["ts"])
        eventually(lambda: slack.bot.at_once == 0)
        time.sleep(0.2)
    assert len(standin.bot_messages("C1", message["ts"])) == 1


def test_what_is_done_is_forgotten_in_time_and_a_persons_questions_when_they_want_it(slack: Running) -> None:
    claims = slack.slack.desk.claims
    message = slack.person_says("D1", "U1", "how many?")
    slack.answers(message["ts"])
    with slack.store.database.reading() as connection:
        assert [row.text for row in connection.execute(select(slack_questions))] == [""]  # not kept twice
    slack.person_says("D1", "U1", "how much?")
    slack.answers(count=2)
    slack.store.forget_user(f"slack:{TEAM}:U2")
    assert claims.states() == {"done": 2}
    slack.store.forget_user(f"slack:{TEAM}:U1")
    assert claims.states() == {}
    slack.person_says("D1", "U1", "how often?")
    slack.answers(count=3)
    claims.forget_older(3600)
    assert claims.states() == {"done": 1}
    claims.forget_older(0)
    assert claims.states() == {}


# 20: workspaces


def test_a_token_that_was_revoked_is_used_no_more(slack: Running) -> None:
    content = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [ME]}, "event_ts": "1.1"}
    post(slack.url, event(content))
    assert slack.slack.desk.workspaces.find(TEAM) is None


def test_workspaces_have_their_own_tokens_and_what_was_theirs_goes_with_them(standin: StandIn, data_dir: Path) -> None:
    standin.tokens = {"xoxb-T1": "T1", "xoxb-T2": "T2"}
    standin.add_user("V1", "other", team="T2")
    standin.add_channel("C9", "theirs", members={ME, "V1"}, team="T2")
    with running(standin, data_dir, SLACK_BOT_TOKEN="") as slack:
        for team in ("T1", "T2"):
            slack.slack.desk.workspaces.add(Installed(team, f"xoxb-{team}", MY_BOT, ME))
        theirs = standin.person_says("C9", "V1", f"<@{ME}> how many?")
        for sent in message_events(standin, "C9", theirs, team="T2"):
            post(slack.url, sent)
        slack.answers(theirs["ts"])
        assert slack.bot.asked[0]["asker"] == "slack:T2:C9"
        post(slack.url, event({"type": "app_uninstalled", "event_ts": "1.2"}, team="T2"))
        assert slack.slack.desk.workspaces.find("T2") is None
        assert slack.slack.desk.workspaces.find("T1") is not None
        assert slack.slack.desk.claims.states() == {}


# Evaluators


def test_an_evaluators_reaction_proposes_a_known_fact_once(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, slack_evaluators="U2, U3") as slack:
        message = slack.person_says("C1", "U1", f"<@{ME}> how many?")
        (answer,) = slack.answers(message["ts"])
        for number, (user, emoji) in enumerate([("U1", "white_check_mark"), ("U2", "tada"), ("U2", "white_check_mark"),
                                                ("U2", "white_check_mark::skin-tone-2")]):  # fmt: skip
            item = {"type": "message", "channel": "C1", "ts": answer["ts"]}
            content = {
                "type": "reaction_added",
                "user": user,
                "reaction": emoji,
                "item": item,
                "event_ts": f"1.{number}",
            }
            post(slack.url, event(content))
        slack.rest()
        (fact,) = slack.store.reports.proposed()
        assert fact.question == "how many?"
        assert fact.expected == "The answer to “how many?” is 42."
        assert (fact.document_id, fact.asker) == (HR, f"slack:{TEAM}:U2")
        assert answer["reactions"] == ["memo"]
