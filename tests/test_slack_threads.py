"""To whom the bot speaks in Slack and when: mentions, threads, follow-ups, edits, deletions, Stop."""

from pathlib import Path
from typing import Any

import pytest
from slack_parts import Running, running, seen
from slack_standin import StandIn, event, eventually, post
from slack_workspace import ME, MY_BOT, TEAM

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
