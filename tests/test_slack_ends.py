"""How things end in Slack: errors, shutdown, forgetting, and workspaces that go."""

import time
from pathlib import Path

import pytest
from slack_parts import Running, running, seen
from slack_standin import StandIn, event, eventually, message_events, post
from slack_workspace import ME, MY_BOT, TEAM
from sqlalchemy import select

from bot.memory.slack.installed import Installed
from bot.memory.tables import slack_questions

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
