"""How answers get to Slack: streams, limits, outages, the status, and quotas."""

import time
from pathlib import Path

import pytest
from slack_known import HR
from slack_parts import Running, running, seen
from slack_standin import Fault, StandIn, eventually
from slack_workspace import ME

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
    slack.bot.text = lambda question: LONG
    slack.standin.fail("chat.startStream", Fault("error", "missing_scope"), Fault("ratelimited", 30))
    for _ in range(2):
        message = slack.person_says("D1", "U1", "how many?")
        (answer,) = slack.answers(message["ts"])
        assert answer.get("streaming") is None


def test_channels_stream_where_that_is_set(standin: StandIn, data_dir: Path) -> None:
    with running(standin, data_dir, slack_stream="always") as slack:
        slack.bot.text = lambda question: LONG
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
