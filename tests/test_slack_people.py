"""What people do with answers in Slack: thumbs, follow-ups, gaps, the app's own tabs, evaluators."""

from pathlib import Path
from typing import Any

from slack_known import HR
from slack_parts import Running, elements, running, seen
from slack_standin import StandIn, event, post
from slack_workspace import ME, TEAM

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
