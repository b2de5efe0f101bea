"""A follow-up is understood by the question before it, and a new topic is not."""

import pytest

from bot.assemble import Bot
from bot.converse import Turn, standalone

BEFORE = (Turn("Who chairs the harbour board?", "Who chairs the harbour board?"),)


@pytest.mark.parametrize("question", ["since when?", "and the deputy?", "what does it do?", "why?", "tell me more"])
def test_a_follow_up_takes_the_question_before_with_it(question: str) -> None:
    assert standalone(question, BEFORE) == f"Who chairs the harbour board? {question}"


@pytest.mark.parametrize("question", ["How many ferries run on Sundays in winter?", "What is the Harbour Trust?"])
def test_a_question_that_stands_on_its_own_stays_as_it_is(question: str) -> None:
    assert standalone(question, BEFORE) == question


def test_a_return_to_a_topic_leaves_the_turns_before_out() -> None:
    assert standalone("Back to the budget: who agreed it?", BEFORE) == "the budget: who agreed it?"


def test_a_correction_keeps_the_question_and_adds_the_right_word() -> None:
    assert standalone("no, I meant the ferry company", BEFORE) == "Who chairs the harbour board? the ferry company"


def test_the_first_question_of_a_conversation_is_taken_as_it_is() -> None:
    assert standalone("and the deputy?", ()) == "and the deputy?"


def test_a_conversation_is_remembered_by_its_id_and_no_other(bot: Bot) -> None:
    bot.ask("When did the Integrated Care Board begin to operate?", conversation_id="one")
    assert "Integrated Care Board" in bot.ask("what did it replace?", conversation_id="one").standalone_question
    assert "Integrated Care Board" not in bot.ask("what did it replace?", conversation_id="two").standalone_question
    assert "Integrated Care Board" not in bot.ask("what did it replace?").standalone_question
