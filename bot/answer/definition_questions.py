"""Tell questions for the meaning of a term from all others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from bot.understand import STOP_WORDS, Query

CUES = (
    "what whats does mean means meaning meant stand stands short define definition abbreviation acronym letters".split()
)
SAID_FOR = {"wot": "what", "wots": "whats", "wat": "what", "wats": "whats", "wht": "what"}
NEAR = 0.75  # of difflib's ratio: one letter wrong or two swapped in a word of four
SHORTEST = 3  # letters of a word that is taken for a misspelt cue
LONGEST = 80  # characters of a term
LONGEST_QUESTION = 240  # characters; what asks for a meaning is short, and the patterns below need not read a page

# A question may follow a remark: "Hi, what does it mean?", "I don't know what it means".
START = (
    r"(?:^|[,;:.!?–—]\s*|\s-\s+|\b(?:me|us|know|knows|wonder|wondering|ask|explain|say|sure|idea|understand|please|so|and|"
    r"but|hi|hello|hey|ok|quick question)\s+)"
)
HERE = (
    r"(?:[\s,]+(?:here|round here|around here|exactly|please|anyway|actually|then|though|again|today|now|nowadays|"
    r"these days|currently|in full|to you|to us|in (?:19|20)\d\d|"
    r"in (?:this|that|our|the) (?:context|organisation|organization|place|documents?)))*"
)
WHERE = r"(?:\s+(?:in|on|at|for|within|under|when|if)\s.{2,60}?)?"
END = r"[\s?.!…]*$"
X = rf"(?P<term>[^?!;]{{1,{LONGEST}}}?)"
IS = r"(?:'s|’s|s|\s+is|\s+are|\s+was|\s+were)"
THAT = r"(?:that|it|this|those|these|they|the (?:letters|abbreviation|acronym|initials))"
FULL = r"(?:full (?:name|form|title|meaning)|long form|expansion|meaning|definition)"
MEANS = r"(?:stands? for|stand 4|stands 4|standing for|means?|meant|meaning|abbreviates?|abbreviated|refers? to)"

# Asked for what it means, whatever it is.
STRONG = tuple(
    re.compile(START + pattern + END, re.IGNORECASE)
    for pattern in (
        rf"what\s+(?:(?:does|do|did|would|is|are|was|were)\s+)?{X}\s+{MEANS}{HERE}{WHERE}{HERE}",
        rf"what{IS}\s+{X}\s+(?:short for|an? (?:abbreviation|acronym) (?:of|for)|in full|abbreviated from){HERE}",
        rf"what\s+{X}\s+(?:is|are|was|were) (?:short for|an? (?:abbreviation|acronym) (?:of|for)){HERE}",
        rf"what{IS}\s+(?:meant by|the {FULL} (?:of|for|behind))\s+{X}{HERE}",
        rf"what\s+(?:do|does|did) .{{1,40}}? mean by\s+{X}{HERE}",
        rf"(?:the )?{FULL} (?:of|for)\s+{X}{HERE}",
        rf"(?:(?:can|could|would|will) (?:you|someone|anyone) )?(?:please )?(?:define|spell out|expand|"
        rf"(?:explain|decode) the (?:term|abbreviation|acronym|letters|initials|word))\s+{X}{HERE}",
        rf"how (?:do|does|would) \w+ (?:define|spell out)\s+{X}{HERE}",
        rf"how (?:is|are|was|were)\s+{X}\s+(?:defined|spelled out|spelt out){HERE}",
        rf"{X}\s*[-–—:,=]*\s*(?:meaning|definition|abbreviation|acronym|stands for(?: what)?|means(?: what)?|{FULL})",
    )
)
TRAILING = re.compile(
    rf"^(?P<term>.{{1,200}}?)\s*(?:[-–—:,.;]+|\s)\s*what(?:{IS}|\s+does|\s+do)\s+{THAT}"
    rf"(?:\s+(?:{MEANS}|short for))?{HERE}{END}",
    re.IGNORECASE,
)
# Asked what it is: its meaning is an answer where it is an abbreviation or the documents define it.
WEAK = tuple(
    re.compile(pattern + END, re.IGNORECASE)
    for pattern in (
        rf"{START}what{IS}\s+{X}{HERE}",
        rf"{START}what\s+{X}\s+(?:is|are|was|were){HERE}",
        rf"{START}(?:which|what) [\w-]+(?: [\w-]+)? (?:is|are|was|were) {X}{HERE}",
        rf"{START}explain\s+{X}{HERE}",
    )
)
ALONE = re.compile(rf"^(?:the )?(?P<term>[\w&/-]{{2,12}}){END}", re.IGNORECASE)
AROUND = re.compile(
    r"^(?:(?:an?|the|teh|our|your|these|those|this|that|letters?|abbreviations?|acronyms?|initials|terms?|words?|phrase|"
    r"name)\s+)+(?=\S)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"[“\"'‘]([^“”\"'‘’]{2,40})[”\"'’]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term whose meaning is asked for. `strictly`, where the question can't ask for anything else."""

    term: str
    strictly: bool
    indefinite: bool = False


def wanted_in(query: Query) -> Iterator[Wanted]:
    """The terms whose meaning a question may ask for, the likeliest reading first; none for other questions.

    >>> from bot.understand import understand
    >>> [one.term for one in wanted_in(understand("Waht does the abbreviation 'LBN' maen?"))]
    ['LBN']
    >>> list(wanted_in(understand("What does the LBN do?")))
    []
    """
    if len(query.asked) > LONGEST_QUESTION:
        return
    asked = corrected(query.asked.strip())
    for pattern in STRONG:
        match = pattern.search(asked)
        if match:
            yield _wanted(match["term"], strictly=True)
    match = TRAILING.match(asked)
    if match:
        # "Somebody here is 'LBN' - what's that?": what is quoted, or what was said last.
        said = match["term"]
        quoted = QUOTED.findall(said)
        for term in (said, *quoted[-1:], said.split()[-1]):
            yield _wanted(term, strictly=True)
    for pattern in WEAK:
        match = pattern.search(asked)
        if match:
            yield _wanted(match["term"], strictly=False)
    match = ALONE.match(asked)
    if match and query.text == query.asked:  # in a conversation, a name alone asks the same of another thing
        yield _wanted(match["term"], strictly=False)


def corrected(question: str) -> str:
    """A question with its misspelt cues as they should be; abbreviations and other words stay.

    >>> corrected("wat dose VCSE stnad for?")
    'what does VCSE stand for?'
    """
    return re.sub(r"[A-Za-z]+", lambda match: _corrected(match[0]), question)


def _corrected(word: str) -> str:
    lowered = word.lower()
    if lowered in SAID_FOR:
        return SAID_FOR[lowered]
    known = lowered in CUES or lowered in STOP_WORDS or len(word) < SHORTEST or sum(map(str.isupper, word)) > 1
    near = [] if known else get_close_matches(lowered, CUES, n=1, cutoff=NEAR)
    return near[0] if near else word


def _wanted(term: str, *, strictly: bool) -> Wanted:
    bare = term.strip(" \t,:–—-")
    name = AROUND.sub("", bare)
    return Wanted(name.strip("“”\"'‘’ "), strictly, indefinite=bare.lower().startswith(("a ", "an ")))
