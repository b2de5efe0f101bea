"""Known facts are read, validated and added, and what is wrong with them is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import CORPUS

from bot.memory.store import open_store
from bot.memory.types import Past
from bot.types import Answer
from evals.cases import FACTS, case_from, load, moved
from evals.cli import evaluate
from evals.errors import FactsError
from evals.validate import texts_of, validate

NOTE = (
    "---\ntitle: Rooms\n---\n# Rooms\n\n## Size\n\nThe hall seats 90 people.\n\n## Keys\n\nAnn Bell keeps the keys.\n"
)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "rooms.md").write_text(NOTE)
    return folder


def a_case(**changes: Any) -> dict[str, Any]:
    case = {
        "id": "number-hall",
        "category": "number_date",
        "severity": "normal",
        "split": "dev",
        "question": "How many people fit in the hall?",
        "facts": [{"any_of": ["90", "ninety"]}],
        "must_not": [],
        "gold": [{"document_id": "rooms.md", "section": "Size", "quote": "The hall seats 90 people."}],
        "answerability": "answerable",
        "written_from": "asker",
        "version": 1,
    }
    return {**case, **changes}


def problems_of(documents: Path, *cases: Any, at_least: int = 0) -> list[str]:
    path = documents.parent / "facts.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in cases))
    return [str(problem) for problem in validate(path, texts_of(documents), at_least=at_least)[1]]


def test_the_shipped_facts_are_valid_and_many() -> None:
    cases, problems = validate(FACTS, texts_of(CORPUS))
    assert problems == []
    assert len(cases) >= 250
    questions = [turn for case in cases for turn in case.turns]
    single = [case.turns[0] for case in cases if not case.is_conversation]
    assert sum(not turn.is_answerable for turn in single) >= 100
    assert sum(case.is_conversation for case in cases) >= 30
    assert {turn.answerability for turn in questions} == {
        "answerable", "unanswerable", "clarify", "refuse", "small_talk"
    }  # fmt: skip


def test_a_case_is_the_same_after_it_was_written() -> None:
    for case in load():
        assert case_from(case.to_json()) == case


def test_a_valid_case_has_no_problem(documents: Path) -> None:
    assert problems_of(documents, a_case()) == []


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("{not json", "this is not JSON"),
        ("[1]", "no JSON object"),
        (a_case(gold=[{"document_id": "rooms.md", "quote": "The hall seats 91"}]), "doesn't stand in 'rooms.md'"),
        (a_case(gold=[{"document_id": "room.md", "quote": "The hall"}]), "there is no document 'room.md'"),
        (a_case(answerability="unanswerable"), "has no facts"),
        (a_case(facts=[]), "needs at least one"),
        (a_case(facts=[{"any_of": ["twelve"]}]), "none of the wordings"),
        (a_case(severity="grave"), "'severity'"),
        (a_case(id="Number Hall"), "'id'"),
        ({key: value for key, value in a_case().items() if key != "split"}, "'split' is a required property"),
        (a_case(surprise=1), "surprise"),
        (a_case(category="conversation"), "category"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(documents: Path, case: Any, says: str) -> None:
    good = a_case(id="number-other")
    problems = problems_of(documents, good, case)
    assert any("facts.jsonl, line 2: " in problem and says in problem for problem in problems), problems


def test_an_id_may_be_used_once(documents: Path) -> None:
    (problem,) = problems_of(documents, a_case(), a_case())
    assert "line 2: the id 'number-hall' is used already in facts.jsonl, line 1" in problem


def test_a_category_needs_ten_cases(documents: Path) -> None:
    (problem,) = problems_of(documents, *(a_case(id=f"number-{n}") for n in range(9)), at_least=10)
    assert "'number_date' has 9 cases; write 1 more" in problem


def test_a_conversation_has_three_to_five_turns(documents: Path) -> None:
    turn = {name: a_case()[name] for name in ("question", "facts", "must_not", "gold", "answerability")}
    about = {name: a_case()[name] for name in ("severity", "split", "written_from", "version")}
    conversation = {"id": "conversation-hall", "category": "conversation", **about}
    assert problems_of(documents, {**conversation, "turns": [turn] * 3}) == []
    assert problems_of(documents, {**conversation, "turns": [turn] * 2})
    assert problems_of(documents, {**conversation, "turns": [turn] * 6})


def test_facts_that_cannot_be_read_say_where(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(json.dumps(a_case()) + "\n" + '{"id": "half"}\n')
    with pytest.raises(FactsError, match=r"line 2: the field 'question' is missing"):
        load(path)
    with pytest.raises(FactsError, match="no known facts"):
        load(tmp_path / "nothing")
    path.write_text(json.dumps(a_case()) + "\n")
    with pytest.raises(FactsError, match="split 'test'"):
        load(path, split="test")


def test_facts_can_be_asked_of_documents_with_other_names() -> None:
    case = case_from(a_case())
    (elsewhere,) = moved([case], {"rooms.md": "source-7.txt"})
    assert elsewhere.turns[0].gold_documents == {"source-7.txt"}
    assert moved([case], {}) == [case]


def test_validate_tells_problems_and_exits_with_one(documents: Path) -> None:
    path = documents.parent / "facts.jsonl"
    path.write_text(json.dumps(a_case(facts=[])) + "\n")
    told = CliRunner().invoke(evaluate, ["validate", "--facts", str(path), "--corpus", str(documents)])
    assert told.exit_code == 1
    assert "line 1: 'facts'" in told.output
    told = CliRunner().invoke(evaluate, ["validate"])
    assert told.exit_code == 0, told.output


def test_add_finds_the_quotation_and_appends_a_valid_case(documents: Path) -> None:
    facts = documents.parent / "facts"
    facts.mkdir()
    (facts / "number_date.jsonl").write_text(json.dumps(a_case()))  # without an end of line, as editors may leave it
    typed = ["Who has the keys?", "who", "Ann Bell; keys", "rooms.md", "minor"]
    told = CliRunner().invoke(
        evaluate,
        ["add", "--facts", str(facts), "--corpus", str(documents), "--yes"],
        input="\n".join([typed[0], typed[1], typed[4], typed[2], typed[3]]) + "\n",
    )
    assert told.exit_code == 0, told.output
    added = load(facts)[-1]
    assert added.id == "who-keys"
    assert added.turns[0].gold[0].quote == "Ann Bell keeps the keys."
    assert added.turns[0].gold[0].section == "Keys"
    assert validate(facts, texts_of(documents), at_least=0)[1] == []


def test_a_case_about_a_section_joins_the_split_of_that_section(documents: Path) -> None:
    facts = documents.parent / "facts.jsonl"
    for split in ("dev", "test"):
        facts.write_text(json.dumps(a_case(split=split)) + "\n")
        told = CliRunner().invoke(
            evaluate,
            [
                *("add", "--question", "Seats in the hall?", "--category", "paraphrase", "--expect", "90"),
                *("--severity", "normal", "--document", "rooms.md", "--facts", str(facts)),
                *("--corpus", str(documents), "--yes"),
            ],
        )
        assert told.exit_code == 0, told.output
        assert load(facts)[-1].split == split


def test_add_says_which_fact_no_line_has(documents: Path) -> None:
    told = CliRunner().invoke(
        evaluate,
        [
            *("add", "--question", "How big?", "--category", "who", "--expect", "900", "--severity", "normal"),
            *("--document", "rooms.md", "--facts", str(documents.parent / "f")),
            *("--corpus", str(documents), "--yes"),
        ],
    )
    assert isinstance(told.exception, FactsError)
    assert "“900”" in str(told.exception)


def triaged(*arguments: str | Path) -> str:
    """What `triage` prints."""
    told = CliRunner().invoke(evaluate, ["triage", *map(str, arguments)], catch_exceptions=False)
    assert told.exit_code == 0
    return told.output


def test_triage_lists_the_complaints_in_a_file(tmp_path: Path) -> None:
    events = [
        {"event": "feedback", "question": "Who pays?", "rating": "down", "comment": "old", "documents": ["a.md"]},
        {"event": "answer", "question": "Where is the pool?", "status": "not_found", "documents": ["a.md"]},
        {"event": "feedback", "question": "Who sings?", "rating": "up"},
    ]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    told = triaged("--from", tmp_path / "events.jsonl")
    assert "marked down: Who pays?" in told
    assert "note: old" in told
    assert "ask the owner of a.md" in told
    assert "Who sings?" not in told


def test_triage_lists_what_the_store_has_and_says_when_there_is_nothing(tmp_path: Path) -> None:
    assert "has no complaint" in triaged("--data-dir", tmp_path)
    with open_store(f"sqlite:///{tmp_path / 'citewell.db'}", retention_days=0) as store:
        for question, status in (("Who pays?", "answered"), ("Who sings?", "answered"), ("The pool?", "not_found")):
            answer = Answer(f"a {question}", f"c {question}", "who?", question, status, f"Said of {question}")
            store.keep(answer, asker="ann", past=Past())
        store.votes.cast("a Who pays?", "down", asker="ann", reason="old")
        store.votes.cast("a Who sings?", "up", asker="ann")
        store.reports.gap("When is tea?", asker="ann", document_ids=["tea.md"])
        store.reports.propose("Is $(tea) hot?", "at four", asker="ann")
    told = triaged("--data-dir", tmp_path)
    assert "1 × marked down: Who pays?\n    said: Said of Who pays?\n    note: old" in told
    assert "1 × not found: The pool?" in told
    assert "1 × reported as a gap: When is tea?" in told
    assert "ask the owner of tea.md" in told
    assert "citewell eval add --question 'Is $(tea) hot?' --expect 'at four'" in told
    assert "sings" not in told
