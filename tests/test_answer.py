"""Answers over the corpus, whatever their wording: cited verbatim, backed, and honest about what isn't there."""

import json
import re
from collections.abc import Iterator

import pytest
from conftest import ROOT, json_lines

from bot.answer.reply import REPLIES
from bot.assemble import Bot
from bot.types import Answer

NETWORKS = "How many primary care networks are there, and was it always so?"
FACTS = ROOT / "evals" / "facts"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"\b[A-Z][a-z]+ (?:[A-Z][a-z]+)\b")
WITHOUT_SUPPORT = ("not_found", "clarify", "refused", "error")


def known_questions() -> Iterator[str]:
    for path in sorted(FACTS.glob("*.jsonl")):
        for case in json_lines(path):
            yield from [turn["question"] for turn in case.get("turns", [])] or [case["question"]]


@pytest.fixture(scope="session")
def answers(bot: Bot) -> list[Answer]:
    """The answers to all questions of the known facts."""
    return [bot.ask_safely(question) for question in known_questions()]


def test_a_count_that_changed_is_told_with_the_number_first_and_both_documents(bot: Bot) -> None:
    answer = bot.ask(NETWORKS)
    assert answer.status == "answered"
    assert re.match(r"\W*(?:There are )?42\b", answer.text)
    assert "43" in answer.text
    assert len({citation.document_id for citation in answer.citations}) == 2
    cited = {number for sentence in answer.sentences for number in sentence.citations}
    assert {"42", "43"} <= {n for c in answer.citations if c.number in cited for n in NUMBER.findall(c.quote)}
    assert [conflict.says for conflict in answer.conflicts] == ["43"]
    assert "2020" in answer.conflicts[0].date


def test_there_are_known_questions_of_many_kinds() -> None:
    assert len(list(known_questions())) > 300


def test_every_citation_of_every_known_question_stands_where_it_says(bot: Bot, answers: list[Answer]) -> None:
    cited = [citation for answer in answers for citation in answer.citations]
    assert len(cited) > 300
    for citation in cited:
        document = bot.index.catalog.document(citation.document_id)
        assert document is not None
        assert citation.quote.strip()
        assert document.text[citation.start : citation.end] == citation.quote
        passage = bot.index.catalog.passage(citation.passage_id)
        assert passage is not None
        assert passage.start <= citation.start < citation.end <= passage.end
        assert (citation.title, citation.date, citation.status) == (document.title, document.date, document.status)
        assert citation.url == f"/documents/{citation.document_id}#p-{citation.start}"


def test_every_sentence_has_a_citation_and_every_mark_one_too(answers: list[Answer]) -> None:
    for answer in answers:
        numbers = [citation.number for citation in answer.citations]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {int(mark) for mark in re.findall(r"\[(\d+)\]", answer.text)} <= set(numbers)
        for sentence in answer.sentences:
            assert sentence.supported
            assert sentence.citations
            assert set(sentence.citations) <= set(numbers)
            assert sentence.text in answer.text
        if answer.status in ("answered", "partial") and answer.text not in REPLIES.values():
            assert answer.sentences


def test_numbers_and_names_of_an_answer_stand_in_what_it_cites(bot: Bot, answers: list[Answer]) -> None:
    for answer in answers:
        for sentence in answer.sentences:
            cited = [citation for citation in answer.citations if citation.number in sentence.citations]
            source = " ".join(
                " ".join([citation.quote, citation.title, citation.date, citation.locator, *context(bot, citation)])
                for citation in cited
            )
            assert set(NUMBER.findall(sentence.text)) <= set(NUMBER.findall(source)), (answer.question, sentence)
            words = set(re.findall(r"\w+", source.lower()))
            for name in NAME.findall(sentence.text):
                told = name.removeprefix("Earlier ").removeprefix("In ")
                for word in told.lower().split():  # a long form may be said in the singular
                    assert any(one.startswith(word) for one in words), (answer.question, name)


def context(bot: Bot, citation: object) -> Iterator[str]:
    passage = bot.index.catalog.passage(getattr(citation, "passage_id", ""))
    document = bot.index.catalog.document(getattr(citation, "document_id", ""))
    if passage and document:
        yield from [passage.context, *passage.headings, document.publisher, document.kind]


def test_what_is_not_found_claims_nothing(answers: list[Answer]) -> None:
    missed = [answer for answer in answers if answer.status == "not_found"]
    assert missed
    for answer in missed:
        assert answer.sentences == ()
        assert answer.conflicts == ()
        assert answer.text
        assert not re.search(r"\[\d+\]", answer.text)
        asked = set(NUMBER.findall(answer.question))
        assert set(NUMBER.findall(answer.text)) <= asked
        assert answer.missing


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Australia?", "How do I bake sourdough bread?", "Who won the football world cup in 1998?"],
)
def test_what_the_documents_do_not_tell_is_not_answered(bot: Bot, question: str) -> None:
    answer = bot.ask(question)
    assert answer.status in WITHOUT_SUPPORT
    assert answer.status == "not_found"
    assert "the records office" in answer.text


def test_an_answer_does_not_depend_on_what_was_asked_before(bot: Bot) -> None:
    questions = list(known_questions())[::9]
    forwards = {question: said(bot.ask_safely(question)) for question in questions}
    backwards = {question: said(bot.ask_safely(question)) for question in reversed(questions)}
    assert forwards == backwards


def test_the_chain_is_a_runnable_that_answers_a_batch_as_it_answers_one(bot: Bot) -> None:
    questions = [NETWORKS, "Who chairs the ICB?", "What is the capital of Australia?"]
    together = bot.chain.batch([{"question": question, "conversation_id": ""} for question in questions])
    assert [said(answer) for answer in together] == [said(bot.ask(question)) for question in questions]


def said(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.text, answer.sentences, answer.citations, answer.conflicts, answer.suggestions


def test_an_answer_keeps_its_conversation_and_has_an_id_of_its_own(bot: Bot) -> None:
    one, other = (bot.ask(NETWORKS, conversation_id="c-1") for _ in range(2))
    assert one.conversation_id == other.conversation_id == "c-1"
    assert one.answer_id != other.answer_id
    assert bot.ask(NETWORKS).conversation_id


def test_white_space_and_line_breaks_in_a_question_change_nothing(bot: Bot) -> None:
    spaced = bot.ask("  How many primary\n care networks are there,\tand was it always so? ")
    assert said(spaced)[1:4] == said(bot.ask(NETWORKS))[1:4]


def test_known_questions_are_valid_json_with_an_id_each() -> None:
    ids = [case["id"] for path in FACTS.glob("*.jsonl") for case in json_lines(path)]
    assert len(ids) == len(set(ids))
    assert json.dumps(ids)
