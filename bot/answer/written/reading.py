"""Read what a chat model says, while it says it: the JSON that was asked for, something like it, or plain sentences."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.words import WORD

MARKS = re.compile(
    r"\s*(?:\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\]|\((?:passages?|sources?)\s+\d+(?:\s*(?:,|and)\s*\d+)*\))", re.I
)
MARKED = re.compile(rf"(.+?)((?:{MARKS.pattern})+)\s*[.!?]?", re.I | re.S)
NUMBER = re.compile(r"\d+")
COMPLETENESS = re.compile(r'"completeness"\s*:\s*"(complete|partial|none)"', re.I)
MISSING = re.compile(r'"missing"\s*:\s*("(?:[^"\\]|\\.)*")', re.S)
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
FENCE = re.compile(r"```\w*")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
MOST = 24  # claims of one answer; what rambles on is not read to its end
MOST_PLAIN = 6  # ... where it names no passages: each of its sentences is looked for in all of them
FEWEST = 2  # words; no less is a sentence
LONGEST = 200_000  # characters that are read


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that a model says, with the passages' numbers and the words there that it relies on.

    Without quotes it comes from a model that names no passages, and may stand in any of them.
    """

    text: str
    quotes: tuple[tuple[int, str], ...]
    earlier: bool = False


@dataclass(slots=True)
class Reader:
    """Takes a text in pieces and gives each claim when it is complete."""

    _text: str = ""
    _at: int = 0
    _open: list[int] = field(default_factory=list)
    _quoted: bool = False
    _escaped: bool = False
    _found: int = 0

    def read(self, piece: str) -> Iterator[Claim]:
        """The claims that this piece completes."""
        self._text += piece[: max(0, LONGEST - len(self._text))]
        while self._at < len(self._text) and self._found < MOST:
            character = self._text[self._at]
            self._at += 1
            if self._escaped:
                self._escaped = False
            elif self._quoted:
                self._escaped = character == "\\"
                self._quoted = character != '"'
            elif character == '"':
                self._quoted = bool(self._open)  # before the first brace it is prose
            elif character == "{":
                self._open.append(self._at - 1)
            elif character == "}" and self._open:
                claim = self._claim(self._open.pop())
                if claim:
                    self._found += 1
                    yield claim

    def rest(self) -> Iterator[Claim]:
        """When all is said: the sentences of a text that is no JSON."""
        if not self._found and '"sentences"' not in self._text:
            yield from _sentences(FENCE.sub("", self._text))

    @property
    def completeness(self) -> str:
        """`complete`, `partial`, `none`; empty where it isn't said."""
        found = COMPLETENESS.findall(self._text)
        return str(found[-1]).lower() if found else ""

    @property
    def missing(self) -> str:
        """What the model says was asked and not found."""
        found = MISSING.findall(self._text)
        parsed = _parsed(found[-1]) if found else ""
        return parsed if isinstance(parsed, str) else ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not self._text.strip()

    def _claim(self, start: int) -> Claim | None:
        given = _parsed(self._text[start : self._at])
        if not isinstance(given, dict):
            return None
        text = given.get("text", given.get("sentence"))
        has_quotes = any(name in given for name in ("quotes", "citations", "passages", "words", "quote"))
        if not isinstance(text, str) or not has_quotes:
            return None
        before = self._text[:start]
        return Claim(
            _unmarked(text), _quotes_of(given, text), before.rfind('"conflicts"') > before.rfind('"sentences"')
        )


def _parsed(text: str) -> Any:
    for one in (text, TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(one, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _quotes_of(given: dict[str, Any], text: str) -> tuple[tuple[int, str], ...]:
    """The numbers with the words, in whichever of the likely forms."""
    words = next((given[name] for name in ("words", "quote") if isinstance(given.get(name), str)), "")
    quotes: list[tuple[int, str]] = []
    for name in ("quotes", "citations", "passages", "passage"):
        value = given.get(name, [])
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                said = next((one[key] for key in ("words", "quote", "text") if isinstance(one.get(key), str)), "")
                quotes += [(number, said) for number in _numbers(one.get("passage", one.get("number")))[:1]]
            else:
                quotes += [(number, words) for number in _numbers(one)]
    return tuple(dict.fromkeys(quotes or [(number, words) for number in _marks_in(text)]))


def _numbers(value: Any) -> list[int]:
    return [int(digits[:6]) for digits in NUMBER.findall(str(value))]


def _sentences(text: str) -> Iterator[Claim]:
    """Sentences with marks behind them: `There are 42 networks [1].` Without any marks, all sentences."""
    found = 0
    if not MARKS.search(text):
        parts = [part.strip(" -*") for part in SENTENCE_END.split(text) if len(WORD.findall(part)) > FEWEST]
        yield from (Claim(_ended(part), ()) for part in dict.fromkeys(parts[:MOST_PLAIN]))
    for match in MARKED.finditer(text):
        parts = [part for part in SENTENCE_END.split(match[1].strip()) if part.strip(" -*.!?")]
        if parts and found < MOST:
            found += 1
            yield Claim(_ended(parts[-1].strip(" -*")), tuple((number, "") for number in _marks_in(match[2])))


def _marks_in(text: str) -> list[int]:
    return [number for mark in MARKS.findall(text) for number in _numbers(mark)]


def _unmarked(text: str) -> str:
    return " ".join(MARKS.sub("", text).split())


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
