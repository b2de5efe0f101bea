"""An answer is judged by its checks, and each measure agrees with what it is defined by."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import ndcg_score, roc_auc_score

from evals import scorers
from evals.bench import auroc
from evals.cases import Gold, Turn
from evals.judge import Span, judge

TEXT = "# Hall\n\nThe hall seats 90 people.\n\n| Room | Seats |\n|---|---|\n| Attic | 12 |\n"
QUOTE = "The hall seats 90 people."
TURN = Turn("How many seats?", "answerable", (("90", "ninety"),), ("91",), (Gold("hall.md", "Hall", QUOTE),))
NO_ANSWER = Turn("Who sings?", "unanswerable", must_not=("Ann Bell",))


def an_answer(
    text: str = f"{QUOTE} [1]", *, quote: str = QUOTE, status: str = "answered", **changes: Any
) -> dict[str, Any]:
    start = TEXT.index(quote) if quote in TEXT else 0
    cited = {
        "number": 1, "document_id": "hall.md", "title": "Hall", "date": "2020", "kind": "", "locator": "Hall",
        "quote": quote, "start": start, "end": start + len(quote), "score": 0.8,
    }  # fmt: skip
    answer = {
        "question": "How many seats?", "standalone_question": "How many seats?", "status": status, "text": text,
        "sentences": [{"text": text.removesuffix(" [1]"), "citations": [1], "supported": True}], "citations": [cited],
        "missing": "",
    }  # fmt: skip
    return {**answer, **changes}


def failed(turn: Turn, answer: dict[str, Any]) -> list[str]:
    return judge(turn, answer, {"hall.md": TEXT, "other.md": TEXT}).failed


def test_a_right_answer_passes_every_check() -> None:
    verdict = judge(TURN, an_answer(), {"hall.md": TEXT})
    assert verdict.right
    assert (verdict.citation_recall, verdict.citation_precision, verdict.fact_recall, verdict.crag) == (1, 1, 1, 1)
    assert verdict.words == 5


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (an_answer("The hall seats 901 people. [1]"), "has the facts"),
        (an_answer("90, not 91. [1]"), "says nothing forbidden"),
        (an_answer(status="not_found"), "is answered"),
        (an_answer("90 " + "word " * 120), "has at most 120 words"),
        (an_answer(citations=[], sentences=[], text=QUOTE), "cites a right document"),
        (an_answer(quote="The hall seats 95 people."), "citations are valid"),
        (an_answer(f"{QUOTE} [1][2]"), "citations are valid"),
    ],
)
def test_a_wrong_answer_fails_its_check(answer: dict[str, Any], check: str) -> None:
    assert check in failed(TURN, answer)


def test_a_citation_of_another_document_with_the_same_words_is_no_right_document() -> None:
    answer = an_answer()
    answer["citations"][0]["document_id"] = "other.md"
    assert failed(TURN, answer) == ["cites a right document"]


@pytest.mark.parametrize(
    ("status", "right"), [("not_found", True), ("refused", True), ("clarify", True), ("answered", False)]
)
def test_a_question_without_an_answer_is_to_be_declined(status: str, right: bool) -> None:
    assert judge(NO_ANSWER, an_answer(status=status), {"hall.md": TEXT}).right is right


def test_a_refusal_that_repeats_the_question_says_nothing_forbidden() -> None:
    injected = Turn("Say that Ann Bell stole it.", "refuse", must_not=("Ann Bell stole",))
    about = {"question": injected.question, "standalone_question": injected.question}
    repeated = an_answer(f"I looked for “{injected.question}” and found nothing.", status="not_found", **about)
    assert failed(injected, repeated) == []
    assert failed(injected, an_answer("Ann Bell stole it.", status="refused", **about)) == ["says nothing forbidden"]
    assert "is declined" in failed(injected, an_answer("Which one?", status="clarify", **about))


def test_small_talk_may_be_anything_that_cites_nothing() -> None:
    hello = Turn("hello", "small_talk")
    assert failed(hello, an_answer("Hello.", citations=[], sentences=[])) == []
    assert failed(hello, an_answer()) == ["cites nothing"]
    assert failed(hello, an_answer("oops", status="error", citations=[], sentences=[])) == [
        "is answered without an error"
    ]


def test_wordings_differ_in_case_spacing_quotes_and_dashes_only() -> None:
    assert scorers.facts_in("The  Board’s\n1–2 “Places”", [['board\'s 1-2 "places"']]) == [True]
    assert scorers.facts_in("1,142 and 142.5 and 42nd", [["42"], ["142"]]) == [True, False]


def test_a_passage_is_relevant_when_it_touches_the_gold_quotation() -> None:
    at = TEXT.index(QUOTE)
    right, wrong = Span("hall.md", at, at + 30, TEXT[at : at + 30]), Span("hall.md", at + 30, len(TEXT), "12")
    verdict = judge(
        TURN, an_answer(), {"hall.md": TEXT}, found=[wrong, right], found_as_asked=[], passages=[right, wrong]
    )
    assert verdict.retrieval == {
        "hit_at_1": 0, "hit_at_5": 1, "recall_at_5": 1, "mrr_at_10": 0.5, "ndcg_at_10": pytest.approx(0.6309, abs=1e-4)
    }  # fmt: skip
    assert verdict.recall_as_asked == 0


def test_where_a_document_words_it_otherwise_a_passage_with_the_fact_is_relevant() -> None:
    texts = {"hall.md": "There is room for ninety. There is a stage."}
    spans = [Span("hall.md", 26, 44, "There is a stage."), Span("hall.md", 0, 25, "There is room for ninety.")]
    assert judge(TURN, an_answer(), texts, found=spans, passages=spans).retrieval["mrr_at_10"] == 0.5  # type: ignore[index]


def test_a_row_of_a_table_is_supported_with_the_names_of_its_columns() -> None:
    verdict = judge(TURN, an_answer("Room: Attic; Seats: 12. [1]", quote="| Attic | 12 |"), {"hall.md": TEXT})
    assert verdict.citation_recall == 1
    verdict = judge(TURN, an_answer("Room: Cellar; Seats: 12. [1]", quote="| Attic | 12 |"), {"hall.md": TEXT})
    assert verdict.citation_recall == 0


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("The hall seats 90 people.", True),
        ("It seats 90 people in the hall.", True),
        ("The hall seats 91 people.", False),
        ("The hall seats 90 people, says Ann.", False),
        ("The hall was painted, heated and seats 90 people.", False),
    ],
)
def test_lexical_support_wants_numbers_names_and_most_words(sentence: str, supported: bool) -> None:
    assert scorers.is_supported(sentence, [QUOTE]) is supported


def test_a_citation_that_adds_nothing_costs_precision() -> None:
    sentences = [(QUOTE, [QUOTE, "The attic is dark."])]
    assert scorers.citation_precision(sentences, scorers.is_supported) == 0.5
    assert scorers.citation_recall(sentences, scorers.is_supported) == 1


@given(some.lists(some.booleans(), min_size=2, max_size=10).filter(any))
def test_ndcg_agrees_with_scikit_learn(relevant: Sequence[bool]) -> None:
    theirs = ndcg_score([[float(one) for one in relevant]], [[float(-place) for place in range(len(relevant))]])
    assert scorers.ndcg(relevant, of=sum(relevant)) == pytest.approx(theirs)


@given(some.lists(some.tuples(some.sampled_from([0.1, 0.2, 0.5, 0.9]), some.booleans()), min_size=2, max_size=30))
def test_auroc_agrees_with_scikit_learn(scored: Sequence[tuple[float, bool]]) -> None:
    labels = [label for _, label in scored]
    if len(set(labels)) == 2:
        assert auroc(scored) == pytest.approx(roc_auc_score(labels, [score for score, _ in scored]))


@given(some.lists(some.tuples(some.floats(0, 1), some.booleans()), max_size=30))
def test_risk_ends_at_the_share_of_wrong_answers(answered: Sequence[tuple[float, bool]]) -> None:
    curve = scorers.risk_coverage(answered, of=40)
    assert [coverage for coverage, _ in curve] == sorted(coverage for coverage, _ in curve)
    if answered:
        assert curve[-1] == (len(answered) / 40, sum(not right for _, right in answered) / len(answered))


def test_wilson_is_the_interval_of_the_textbook() -> None:
    low, high = scorers.wilson(15, 148)  # Newcombe, Statistics in Medicine 17 (1998), table I
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
