"""Who reads along in Slack, and so which documents are quoted there: guests, strangers, shared channels, sharing."""

from slack_parts import Running, seen
from slack_workspace import ME, TEAM

from bot.memory.slack.places import Place

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
