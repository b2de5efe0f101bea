"""The notes of the corpus hold all that their sources hold, in words of their own.

The sources are public, and not ours to pass on: where they are not at hand, what needs them is skipped.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import CORPUS, ROOT

from ingest.load import ABOUT_THE_CORPUS

SOURCES = ROOT.parent / "shared" / "sources"
LEFT_OUT: dict[str, Any] = tomllib.loads((Path(__file__).parent / "corpus_left_out.toml").read_text(encoding="utf-8"))
NOTES = sorted(path.name for path in CORPUS.glob("*.md") if path.name not in ABOUT_THE_CORPUS)
LONGEST_SHARED_RUN = 11  # words

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)? )?\b(?:{MONTH})\b(?: \d{{4}}\b)?")
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
NAME = re.compile(r"\b(?=([A-Z][a-z]+(?:[-’'][A-Z][a-z]+)?)\s([A-Z][a-z]+(?:[-’'][A-Za-z]+)?)\b)")
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")

with_sources = pytest.mark.skipif(not SOURCES.is_dir(), reason="the sources are not at hand beside the repository")
every_note = pytest.mark.parametrize("note", NOTES)


@cache
def front_matter(note: str) -> dict[str, Any]:
    front: dict[str, Any] = yaml.safe_load((CORPUS / note).read_text(encoding="utf-8").split("---")[1])
    return front


@cache
def note_text(note: str) -> str:
    return one_line((CORPUS / note).read_text(encoding="utf-8"))


@cache
def source_text(note: str) -> str:
    return one_line((SOURCES / front_matter(note)["source"]).read_text(encoding="utf-8"))


def one_line(text: str) -> str:
    return " ".join(text.split())


def numbers(text: str) -> set[str]:
    """Numbers in digits; those in words up to twenty too, as digits."""
    words = {str(NUMBER_WORDS.index(word)) for word in re.findall(r"[a-z]+", text.lower()) if word in NUMBER_WORDS}
    return set(NUMBER.findall(text)) | words


def dates(text: str) -> set[str]:
    """Days, months with or without a year: 30 June 2022, April 2020, July."""
    return {ORDINAL.sub("", date) for date in DATE.findall(text)}


def names(text: str) -> set[str]:
    """Two words in capitals that the sources never write small: people, and with them places and bodies."""
    return {
        f"{first} {second}"
        for first, second in NAME.findall(text)
        if not {first.lower(), second.lower()} & words_written_small()
    }


@cache
def words_written_small() -> frozenset[str]:
    return frozenset(word for note in NOTES for word in WORD.findall(source_text(note)) if word.islower())


def left_out(note: str, kind: str) -> set[str]:
    return set(LEFT_OUT.get(note, {}).get(kind, {}))


@with_sources
@every_note
def test_every_number_of_the_source_stands_in_its_note(note: str) -> None:
    missing = numbers(source_text(note)) - numbers(note_text(note))
    assert missing == left_out(note, "numbers")


@with_sources
@every_note
def test_every_date_of_the_source_stands_in_its_note(note: str) -> None:
    assert {date for date in dates(source_text(note)) if date not in note_text(note)} == left_out(note, "dates")


@with_sources
@every_note
def test_every_name_of_the_source_stands_in_its_note(note: str) -> None:
    assert {name for name in names(source_text(note)) if name not in note_text(note)} == left_out(note, "names")


@with_sources
def test_people_are_among_the_names_that_are_looked_for() -> None:
    found = set().union(*(names(source_text(note)) for note in NOTES))
    people = {"Paula Wilkins", "Lisa Keslake", "Becca Bradd", "Wilf Williams", "Navin Kumta", "Tom Stevenson"}
    assert people <= found


@every_note
def test_what_was_left_out_has_a_reason(note: str) -> None:
    assert all(len(reason) > 20 for kind in LEFT_OUT.get(note, {}).values() for reason in kind.values())
    assert set(LEFT_OUT) <= {*NOTES, "shared_runs"}


@with_sources
@every_note
def test_no_sentence_of_a_source_is_copied(note: str) -> None:
    allowed = [run.split() for run in LEFT_OUT["shared_runs"]]
    shared = {run for source in NOTES for run in runs(source_text(source))}
    copied = [run for run in runs(without(note_text(note), allowed)) if run in shared]
    assert [" ".join(run) for run in copied] == []


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """All runs of 12 words, in lower case and without punctuation."""
    words = plain_words(text)
    length = LONGEST_SHARED_RUN + 1
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9|]+", text.lower().replace("’", "").replace("'", ""))


def without(text: str, allowed: list[list[str]]) -> str:
    words = " ".join(plain_words(text))
    for run in allowed:
        words = words.replace(" ".join(run), "|")
    return words


@every_note
def test_front_matter_is_complete(note: str) -> None:
    front = front_matter(note)
    wanted = {"title", "publisher", "date", "date_is", "kind", "status", "source"}
    assert wanted <= set(front) <= {*wanted, "superseded_by"}
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}", str(front["date"]))
    assert front["date_is"] in ("printed", "inferred")
    assert front["status"] in ("current", "superseded", "draft", "historical")
    assert all(str(front[key]).strip() for key in wanted)


@every_note
def test_what_supersedes_a_note_is_in_the_corpus_and_newer(note: str) -> None:
    front = front_matter(note)
    newer = front.get("superseded_by", [])
    assert bool(newer) == (front["status"] == "superseded")
    for name in newer:
        assert name in NOTES
        assert str(front_matter(name)["date"]) > str(front["date"])[:4]


def test_every_note_has_a_source_of_its_own() -> None:
    sources = [front_matter(note)["source"] for note in NOTES]
    assert len(set(sources)) == len(sources) == 5


@with_sources
def test_every_source_has_a_note() -> None:
    assert {path.name for path in SOURCES.glob("*.txt")} == {front_matter(note)["source"] for note in NOTES}


def test_the_notes_are_as_long_as_what_they_restate_needs() -> None:
    assert sum(len(note_text(note).split()) for note in NOTES) > 10_000


def test_every_note_is_listed_in_the_readme_of_the_corpus() -> None:
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert all(f"[{note}]({note})" in readme for note in NOTES)
