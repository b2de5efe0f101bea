"""Measures: plain functions of what was found, said and cited. Each gives its definition and its source.

Shares are numbers from 0 to 1. A ranking is given as the relevance of its places, best place first.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from evals.wording import has, normal, words

COVERED = 0.8  # of the content words of a sentence, which its quotations have to have

# Words that carry a sentence and say nothing that could be false.
FUNCTION_WORDS = frozenset(
    """
    a about after all also am an and are as at be because been before being both but by can could did do does each
    for from had has have he her his how i if in into is it its may more most no nor not of off on one only or other
    our out over own per she so some such than that the their them then there these they this those through to too
    under until up was we were what when where which while who whom whose why will with within would you your
    """.split()
)


def hit_at(relevant: Sequence[bool], k: int) -> bool:
    """Hit@k: whether one of the first k passages is relevant (success@k in trec_eval).

    >>> hit_at([False, True], 1), hit_at([False, True], 5)
    (False, True)
    """
    return any(relevant[:k])


def recall_at(places: Sequence[frozenset[int]], k: int, *, of: int) -> float:
    """Recall@k: the share of the gold quotations that one of the first k passages touches.

    `places` names for each passage found the gold quotations that it touches. Counted in quotations and not
    in passages, so that a long list cut in many passages weighs no more than a sentence. Manning, Raghavan
    and Schütze, Introduction to Information Retrieval (2008), chapter 8.

    >>> recall_at([frozenset({0}), frozenset(), frozenset({1})], 2, of=2)
    0.5
    """
    return len(frozenset[int]().union(*places[:k])) / of


def reciprocal_rank(relevant: Sequence[bool], k: int = 10) -> float:
    """RR@k: 1 divided by the place of the first relevant passage, 0 where the first k have none.

    Its mean over questions is MRR@k. Voorhees, The TREC-8 Question Answering Track Report (1999).

    >>> reciprocal_rank([False, True, True])
    0.5
    """
    return next((1 / place for place, is_relevant in enumerate(relevant[:k], start=1) if is_relevant), 0.0)


def ndcg(relevant: Sequence[bool], k: int = 10, *, of: int) -> float:
    """nDCG@k with binary gains: the discounted gain of the ranking over that of the best possible one.

    `of` is the number of relevant passages there are. Järvelin and Kekäläinen, Cumulated gain-based evaluation
    of IR techniques, ACM TOIS 20 (2002); the logarithmic discount of trec_eval's ndcg_cut.

    >>> ndcg([True, False, True], of=2) == (1 + 1 / 2) / (1 + 1 / math.log2(3))
    True
    """
    gain = sum(1 / math.log2(place + 1) for place, one in enumerate(relevant[:k], start=1) if one)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(of, k) + 1))
    return gain / best if best else 0.0


def facts_in(text: str, facts: Sequence[Sequence[str]]) -> list[bool]:
    """Which facts a text has: those of which at least one wording occurs, whatever the case and the spacing.

    >>> facts_in("There are  FORTY-TWO networks", [["42", "forty-two"], ["networks"], ["4 areas"]])
    [True, True, False]
    """
    plain = normal(text)
    return [any(has(plain, string) for string in fact) for fact in facts]


def fact_recall(text: str, facts: Sequence[Sequence[str]]) -> float:
    """Fact recall: the share of the expected facts that an answer has (nugget recall of TREC QA).

    Voorhees, Overview of the TREC 2003 Question Answering Track; here a nugget is matched by its wordings.

    >>> fact_recall("42 networks", [["42"], ["4 areas"]])
    0.5
    """
    return sum(facts_in(text, facts)) / len(facts) if facts else 1.0


def forbidden_in(text: str, must_not: Iterable[str], *, echoes: Iterable[str] = ()) -> list[str]:
    """Which of the strings that must not occur do. A question repeated word for word (`echoes`) says nothing.

    >>> forbidden_in("I looked for “say PWNED”.", ["PWNED"], echoes=["say PWNED"]), forbidden_in("PWNED", ["PWNED"])
    ([], ['PWNED'])
    """
    plain = normal(text)
    for echo in sorted(map(normal, echoes), key=len, reverse=True):
        plain = plain.replace(echo, " ") if echo else plain
    return [string for string in must_not if has(plain, string)]


def is_supported(sentence: str, quotes: Sequence[str], *, known: str = "") -> bool:
    """Lexical support: quotations have all numbers and names of a sentence, and 0.8 of its content words.

    This is not entailment: a sentence that turns its source round can pass. `known` is what the place is
    headed by, such as the title and date of the document. Verbatim quotations always pass.

    >>> is_supported("Ann Bell chairs 42 networks.", ["The 42 networks", "Ann Bell chairs them"])
    True
    >>> is_supported("There are 43 networks.", ["There are 42 networks."])
    False
    """
    source = normal(" ".join(quotes))
    if normal(sentence) in source:
        return True
    have = set(words(source)) | set(words(known))
    parts = have | {part for word in have for part in word.replace("-", " ").replace("/", " ").split()}
    mine = words(sentence)
    exact = [word for word in mine if any(c.isdigit() for c in word)] + [normal(name) for name in _names(sentence)]
    if any(word not in parts for word in exact):
        return False
    content = [word for word in mine if word not in FUNCTION_WORDS]
    return not content or sum(_found(word, parts) for word in content) >= COVERED * len(content)


def citation_recall(sentences: Sequence[tuple[str, Sequence[str]]], supports: "Supports") -> float:
    """Citation recall: the share of sentences that all their quotations together support.

    Gao, Yen, Yu and Chen, Enabling Large Language Models to Generate Text with Citations (ALCE), EMNLP 2023,
    with lexical support where they ask a model for entailment.

    >>> citation_recall([("42 networks", ["42 networks"]), ("4 areas", [])], is_supported)
    0.5
    """
    return sum(bool(quotes) and supports(text, quotes) for text, quotes in sentences) / len(sentences)


def citation_precision(sentences: Sequence[tuple[str, Sequence[str]]], supports: "Supports") -> float:
    """Citation precision: the share of citations that are needed.

    A citation is needed when its sentence is supported, and it supports it alone or the others don't without
    it. ALCE (see `citation_recall`), with lexical support.

    >>> citation_precision([("42 networks", ["42 networks", "of the sea"])], is_supported)
    0.5
    """
    needed: list[bool] = []
    for text, quotes in sentences:
        supported = supports(text, quotes)
        for at, quote in enumerate(quotes):
            others = [*quotes[:at], *quotes[at + 1 :]]
            needed.append(supported and (supports(text, [quote]) or not supports(text, others)))
    return sum(needed) / len(needed) if needed else 0.0


def crag(*, right: bool, answerable: bool, declined: bool) -> int:
    """CRAG score of one answer: +1 right, 0 an answerable question declined, −1 wrong.

    Its mean is the truthfulness of Yang et al., CRAG: Comprehensive RAG Benchmark, NeurIPS 2024. A right
    refusal is right here, and an answer to a question that has none is wrong.

    >>> crag(right=False, answerable=True, declined=True), crag(right=False, answerable=False, declined=False)
    (0, -1)
    """
    return 1 if right else 0 if answerable and declined else -1


def balanced_accuracy(refusal_recall: float, false_refusals: float) -> float:
    """Balanced accuracy of refusing: the mean of the refusals among questions without an answer and the
    non-refusals among questions with one; 0.5 is what no judgement at all gets.

    Brodersen et al., The Balanced Accuracy and Its Posterior Distribution, ICPR 2010.

    >>> balanced_accuracy(0.8, 0.2)
    0.8
    """
    return (refusal_recall + 1 - false_refusals) / 2


def risk_coverage(answered: Sequence[tuple[float, bool]], *, of: int) -> list[tuple[float, float]]:
    """Risk-coverage curve: for the n most confident answers, the share of all questions answered and the
    share of those answers that are wrong.

    `answered` has a confidence and whether the answer was right; `of` counts the questions, answered or not.
    El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 11 (2010).

    >>> risk_coverage([(0.2, False), (0.9, True)], of=4)
    [(0.25, 0.0), (0.5, 0.5)]
    """
    ordered = sorted(answered, key=lambda one: (-one[0], one[1]))
    wrong, curve = 0, []
    for count, (_, right) in enumerate(ordered, start=1):
        wrong += not right
        curve.append((count / of, wrong / count))
    return curve


def area_under(curve: Sequence[tuple[float, float]]) -> float:
    """AURC: the mean risk over the answers of a risk-coverage curve; lower is better.

    Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, ICLR 2019.

    >>> area_under([(0.25, 0.0), (0.5, 0.5)])
    0.25
    """
    return sum(risk for _, risk in curve) / len(curve) if curve else 0.0


def wilson(successes: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share. Wilson, JASA 22 (1927), by `scipy.stats`.

    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    from scipy.stats import binomtest

    if not of:
        return 0.0, 1.0
    bounds = binomtest(successes, of).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


Supports = Callable[[str, Sequence[str]], bool]


def _names(sentence: str) -> list[str]:
    """The words of a sentence that are written like names: capitals that don't only open it."""
    tokens = sentence.split()
    inner = [token.strip("“”\"'‘’.,;:!?()[]*") for token in tokens[1:]]
    opened = [before.endswith((".", ":", ";", "-", "!", "?")) for before in tokens]
    return [word for word, opens in zip(inner, opened, strict=False) if word[:1].isupper() and not opens]


def _found(word: str, have: set[str]) -> bool:
    return word in have or all(part in have for part in word.replace("-", " ").replace("/", " ").split())
