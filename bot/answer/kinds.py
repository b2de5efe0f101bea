"""Whether a text holds a thing of the kind that a question asks for: a person, a date, a number, money, a reason."""

import re
from collections.abc import Callable

from bot.understand import Query
from ingest.words import stem, stems_of, words_of

IsName = Callable[[str], bool]

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
NUMBER_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|hundred|thousand|half|third|quarter|dozen|none|no|single|once|twice"
)
DATE = re.compile(
    rf"\b(?:19|20)\d\d(?:/\d\d)?\b|\b{MONTH}\b|\b(?:spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|"
    r"saturday|sunday|today|yesterday|daily|weekly|monthly|quarterly|annually|yearly|every|each|year|years|months?|"
    r"weeks?|days?|hours?|immediately|soon)\b|\bQ[1-4]\b",
    re.IGNORECASE,
)
DAY = re.compile(rf"\b(?:\d{{1,2}} )?{MONTH}(?: (?:19|20)\d\d)?\b|\b(?:19|20)\d\d\b")
# A number that counts or measures: neither a year, nor what numbers a section or an item.
NUMBER = re.compile(
    rf"(?<![\w.,/-])(?!(?:19|20)\d\d(?![\d%]|[.,]\d))\d[\d,.]*(?:%|\w*)|\b(?:{NUMBER_WORD})\b", re.IGNORECASE
)
NUMBERING = re.compile(r"^\W*(?:(?:No|Number)\.?:?\s*\w{0,2}\d+\W+|\d+(?:\.\d+)+\.?\s+|\d+[.)]\s+|\w\)\s+)")
# "1.8 million people" is no sum of money; "1.8 million for repairs" is.
MONEY = re.compile(
    r"[£$€]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:p\b|pence|pounds|euros|dollars)|"
    r"\b\d[\d,.]*\s?(?:bn|billion|m|million|thousand|k)\b(?!\s+(?!(?:an?|per|of|in|for|to|and|or|was|were|is|are|from|on|by|"
    r"over|under|each|every|will|has|had|have|with|at|as|less|more|pounds|euros|dollars|which|that|this|last)\b)[a-z])|"
    r"\bfree\b",
    re.IGNORECASE,
)
CONTACT = re.compile(r"@|\bwww\.|https?://|\b0\d{3,}|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
REASON = re.compile(
    r"\b(?:because|since|so that|so as to|in order to|due to|owing to|reasons?|therefore|thus|hence|as a (?:result|"
    r"consequence)|to (?:ensure|make|give|avoid|prevent|allow|help|reduce|improve|save|keep|let)|attributable|"
    r"on account|"
    r"grounds?|after|until|while|when|following|caused|means? that|given|view|argued|said|found|asked|wish(?:es|ed)?|"
    r"want(?:s|ed)?|would|could not|cannot|too|purpose|aims?|for)\b",
    re.IGNORECASE,
)
TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Baroness|Cllr|Councillor|Rev)\.?\s+[A-Z]"
)
# Words in capitals side by side, in one cell of a table; the last two of them are a person's name, or none are.
RUN = re.compile(
    r"\b[A-Z][\w’'&-]*\.?(?:[ \n]+(?:(?:van|de|von|der)\s+)?[A-Z][\w’'&-]*\.?)*"
    r"[ \n]+(?:(?:van|de|von|der)\s+)?[A-Z][\w’'&-]*"
)
NAME = re.compile(
    r"\b([A-Z][a-zé’'-]+(?:-[A-Z][a-z]+)?)\s+(?:[A-Z]\.?\s+)?(?:(?:van|de|von|der|O)['’ ]?\s*)?([A-Z][a-zé’'-]+)$"
)
AGENT = re.compile(r"\b[A-Z][\w&’'-]*(?:\s+(?:of|and|the|for)\s+(?=[A-Z])|\s+[A-Z][\w&’'-]*)*")
UNNAMED = re.compile(
    r"\b(?:vacant|vacancy|nobody|no one|not (?:yet )?(?:been )?(?:named|appointed|filled|known)|to be (?:named|"
    r"appointed|confirmed)|unnamed|names? no\w*|does not name|not name)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\bhow many ((?:[\w’'&-]+ ){0,2}?[\w’'&-]+)"
    r"(?=\s+(?:are|is|were|was|do|does|did|has|have|had|will|can|in|of|on|for|there)\b|[,?.!]|$)",
    re.IGNORECASE,
)
NEAR = 6  # words between a number and what it counts
# Questions that only a person's name answers.
POST = (
    r"(?:chair\w*|directors?|heads?|managers?|officers?|leads?|secretary|president|boss|deputy|treasurer|clerk|"
    r"executives?|ceo)"
)
NAMED_PERSON = re.compile(
    r"\bwho(?:['’]?s| is| was)\s+(?:the|our|its|their|head|chief|acting|in the|[\w’'-]+['’]s)\b|"
    rf"\bwho(?:['’]?s| is| was| are| were) (?:\w+ ){{0,4}}{POST}\b|"
    r"\bwho (?:chairs?|chaired|leads?|led|heads?|headed|runs?|ran|manages?|managed|is called)\b|"
    rf"\bnames? of (?:the|our|its|their|his|her) (?:[\w’'-]+ ){{0,4}}(?:{POST}|person|people|nurse|doctor)\b|"
    r"\bby name\b|^(?:the )?names? of the\b|\bwhich (?:person|people|councillors?)\b|"
    r"\bwhat(?:['’]?s| is| was| are) (?:his|her|their|the \w+['’]s|its \w+['’]s) (?:full )?names?\b",
    re.IGNORECASE,
)


# A document that says what it does not say: the best reason to decline.
DENIES = re.compile(
    r"\b(?:do|does|did) not (?:say|name|give|tell|state|list|explain|expand|specify|mention|record)\b|"
    r"\b(?:is|are|was|were) not (?:given|named|stated|said|listed|recorded|known|specified)\b|"
    r"\bcannot be read\b|\bnames? nobody\b|"
    r"\bwithout (?:naming|saying|giving|expanding)\b",
    re.IGNORECASE,
)
COMPASS = re.compile(
    r"\b(?:north|south|east|west|central|mid|north[- ]east|north[- ]west|south[- ]east|south[- ]west)"
    r"\s+([a-z][\w’'-]+)",
    re.IGNORECASE,
)


def is_of_place(query: Query, text: str, is_name: IsName) -> bool:
    """Whether a text is about the part of a place that a question asks about, where it asks about one.

    >>> from bot.understand import understand
    >>> is_of_place(understand("How many ferries has West Harland?"), "Harland has 9.", lambda word: word == "Harland")
    False
    """
    return all(
        " ".join(match[0].lower().split()) in " ".join(text.lower().split())
        for match in COMPASS.finditer(query.asked)
        if is_name(match[1].capitalize())
    )


def holds(query: Query, text: str, is_name: IsName) -> bool | None:
    """Whether a text holds what is asked for and the question doesn't say; None where any text might.

    `is_name` tells of a capitalised word whether the documents use it as a name only.
    """
    asked = query.text.lower()
    match query.kind:
        case "date":
            return any(one.lower() not in asked for one in DATE.findall(text))
        case "money":
            return any(one.lower() not in asked for one in MONEY.findall(text))
        case "number":
            counted = COUNTED.search(query.asked)
            if counted and _is_named_uncounted(counted[1], text):
                return False
            return any(one.lower() not in asked for one in NUMBER.findall(NUMBERING.sub("", text)))
        case "person":
            if UNNAMED.search(text) or _names_person(text, asked, is_name):
                return True
            return not NAMED_PERSON.search(query.asked) and any(
                one.lower() not in asked for one in [*AGENT.findall(text)[1:], text.split(":")[0]]
            )
        case "contact":
            return bool(CONTACT.search(text))
        case "reason":
            return bool(REASON.search(text))
        case _:
            return None


def values_of(query: Query, text: str) -> frozenset[str]:
    """The dates, numbers or sums of a text that answer a question for one, without those that the question has.

    >>> from bot.understand import understand
    >>> sorted(values_of(understand("When did the ferry start in May?"), "It began on 1 May 2022."))
    ['1 may 2022']
    """
    asked = query.text.lower()
    match query.kind:
        case "date":
            found = DAY.findall(text)
        case "money":
            found = MONEY.findall(text)
        case "number":
            found = NUMBER.findall(NUMBERING.sub("", text))
        case _:
            found = []
    return frozenset(one.lower() for one in found if one.lower() not in asked)


def _is_named_uncounted(thing: str, text: str) -> bool:
    """Whether a sentence names the thing to be counted without a number before or after it."""
    stems = [stem(word) for word in words_of(thing)]
    if ";" in text or not stems or stems[-1] not in stems_of(text):
        return False
    said = [stem(word) for word in words_of(text)]
    at = [number for number, word in enumerate(said) if word == stems[-1]]
    numbers = [number for number, word in enumerate(said) if NUMBER.fullmatch(word) or word[:1].isdigit()]
    return not any(-NEAR <= place - number <= NEAR for place in at for number in numbers)


def _names_person(text: str, asked: str, is_name: IsName) -> bool:
    if any(match[0].lower() not in asked for match in TITLED.finditer(text)):
        return True
    names = (NAME.search(run[0].removesuffix("’s").removesuffix("'s")) for run in RUN.finditer(text))
    return any(name and is_name(name[1]) and is_name(name[2]) and name[0].lower() not in asked for name in names)
