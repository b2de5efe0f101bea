"""How good a ranking is: nDCG and recall."""

import numpy as np

Rankings = dict[str, list[str]]
Judged = dict[str, dict[str, int]]


def ndcg(rankings: Rankings, judged: Judged, *, at: int) -> float:
    """Mean normalised discounted cumulative gain of the first documents (Järvelin and Kekäläinen 2002).

    >>> ndcg({"q": ["a", "b"]}, {"q": {"a": 1}}, at=10), round(ndcg({"q": ["b", "a"]}, {"q": {"a": 1}}, at=10), 3)
    (1.0, 0.631)
    """
    scores = []
    for asked, relevant in judged.items():
        gains = [relevant.get(document, 0) for document in rankings.get(asked, [])[:at]]
        best = sorted(relevant.values(), reverse=True)[:at]
        scores.append(_discounted(gains) / _discounted(best) if any(best) else 0.0)
    return float(np.mean(scores))


def recall(rankings: Rankings, judged: Judged, *, at: int) -> float:
    """Mean share of the relevant documents among the first.

    >>> recall({"q": ["a", "b"]}, {"q": {"a": 1, "c": 1}}, at=10)
    0.5
    """
    shares = []
    for asked, judgements in judged.items():
        relevant = {document for document, relevance in judgements.items() if relevance > 0}
        shares.append(len(relevant & set(rankings.get(asked, [])[:at])) / len(relevant))
    return float(np.mean(shares))


def _discounted(gains: list[int]) -> float:
    return float(np.sum(np.array(gains) / np.log2(np.arange(2, len(gains) + 2))))
