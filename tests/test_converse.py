"""A follow-up is understood by the question before it, and a new topic is not."""

import pytest

from bot.assemble import Bot
from bot.converse import Turn, is_unclear, standalone

BEFORE = (Turn("Who chairs the harbour board?", "Who chairs the harbour board?"),)


@pytest.mark.parametrize("question", ["since when?", "and the deputy?", "what does it do?", "why?", "tell me more"])
def test_a_follow_up_takes_the_question_before_with_it(question: str) -> None:
    assert standalone(question, BEFORE).text == f"Who chairs the harbour board? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "How many ferries run on Sundays in winter?",
        "What is the Harbour Trust?",
        "How many quays are there in Oldport?",
    ],
)
def test_a_question_that_stands_on_its_own_stays_as_it_is(question: str) -> None:
    assert standalone(question, BEFORE).text == question


def test_a_return_to_a_topic_leaves_the_turns_before_out() -> None:
    assert standalone("Back to the budget: who agreed it?", BEFORE).text == "the budget: who agreed it?"


def test_a_correction_asks_the_same_of_something_else() -> None:
    asked = standalone(
        "no, I meant the Ferry Company", (Turn("Who chairs the Harbour Board?", "Who chairs the Harbour Board?"),)
    )
    assert asked.text == "Who chairs the Harbour Board? no, I meant the Ferry Company"
    assert asked.weights["chairs"] > asked.weights["harbour"]


def test_words_of_the_turn_before_count_less_than_those_of_the_question() -> None:
    asked = standalone("and when does it meet?", BEFORE)
    assert 0 < asked.weights["harbour"] < 1
    assert "meet" not in asked.weights


@pytest.mark.parametrize(
    "question", ["has it been approved yet?", "and the budget?", "which ones?", "what do they do?"]
)
def test_a_question_that_leans_on_nothing_is_asked_back(bot: Bot, question: str) -> None:
    assert is_unclear(question)
    answer = bot.ask(question)
    assert answer.status == "clarify"
    assert len(answer.suggestions) >= 2
    assert all(suggestion.endswith("?") for suggestion in answer.suggestions)


def test_the_first_question_of_a_conversation_is_taken_as_it_is() -> None:
    assert standalone("and the deputy?", ()).text == "and the deputy?"


def test_a_conversation_is_remembered_by_its_id_and_no_other(bot: Bot) -> None:
    bot.ask("When did the Integrated Care Board begin to operate?", conversation_id="one")
    assert "Integrated Care Board" in bot.ask("what did it replace?", conversation_id="one").standalone_question
    assert "Integrated Care Board" not in bot.ask("what did it replace?", conversation_id="two").standalone_question
    assert "Integrated Care Board" not in bot.ask("what did it replace?").standalone_question
