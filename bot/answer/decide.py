"""Decide whether the evidence answers a question, and say why where it does not."""

from dataclasses import dataclass

from bot.answer.evidence import Evidence
from bot.answer.kinds import DENIES, NAMED_PERSON
from bot.intents import is_order
from bot.understand import Query

# One question in a hundred that the documents answer has evidence below these: the known facts and nine organisations
# of the reranker's training sets. Questions about something else have.
FEWEST_HELD = 0.22  # of the question's words, by rarity and nearness
FARTHEST = 0.13  # cosine
LOOKED_AT = 60  # units that an answer may be made of; what stands further behind is never said
INSTEAD = 1.0  # how far behind the best evidence that may be which holds a thing of the kind asked for
INSTEAD_IN_TALK = 4.0  # ... where the question leans on another: its own words are few, and most evidence is about that
CERTAIN = 3.0  # a verdict that does without names and most words of the question: documents may use others
WHOLE = 0.9  # of the question's words in the sentence itself: near misses seldom have them all,
LENIENT = 2.0  # so that much less of a verdict is enough


@dataclass(frozen=True, slots=True)
class Decision:
    """The evidence that may be used, best first; where there is none, `why` says so."""

    usable: tuple[Evidence, ...]
    why: str


def decide(query: Query, evidence: list[Evidence], *, enough: float) -> Decision:
    """Take the evidence that holds what is asked for, or decline.

    Near misses name what the documents do speak of, so their evidence scores as high as any. What tells them apart is
    that nothing near the top holds a thing of the kind asked for, that a document says that it does not tell, or that
    the reranker finds that nothing answers (`enough` is the verdict it takes).
    """
    if not evidence:
        return _declined("nothing was found")
    holding = [one for one in evidence if one.holds and (one.named or _is_certain(one))]
    if not holding:
        return _declined(f"nothing found holds what is asked for (kind: {query.kind}), or not of what is named")
    instead = INSTEAD_IN_TALK if query.text != query.asked else INSTEAD
    behind = evidence[0].score - holding[0].score
    if behind > instead:
        return _declined(f"what holds a {query.kind} is {behind:.1f} behind the best; {instead:.1f} is the most")
    usable = [one for one in holding[:LOOKED_AT] if not DENIES.search(one.text) and not is_order(one.text)]
    if not usable:
        return _declined("what the documents have says that they don't tell, or gives orders")
    if DENIES.search(holding[0].text) and NAMED_PERSON.search(query.asked):
        return _declined("a document says that it does not name the person")
    best = usable[0]
    held = best.features
    if not _is_certain(best) and (held.around < FEWEST_HELD or held.meaning < FARTHEST):
        return _declined(
            f"the best evidence holds {held.around:.0%} of the question's words at a cosine of {held.meaning:.2f}; "
            f"{FEWEST_HELD:.0%} and {FARTHEST:.2f} are needed"
        )
    needed = enough - LENIENT if held.inside >= WHOLE else enough
    if best.verdict is not None and best.verdict <= needed:
        return _declined(f"the reranker's verdict on the best evidence is {best.verdict:.1f}; {needed:.1f} is needed")
    return Decision(tuple(usable), "")


def _is_certain(one: Evidence) -> bool:
    return one.verdict is not None and one.verdict > CERTAIN


def _declined(why: str) -> Decision:
    return Decision((), why)
