"""The words of the documents: what they mean, by which sentence, and what a question for it is answered."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, ingested, opened, write

from bot.adapters.terminal_words import word_entry, word_list
from bot.answer.defined import defined
from bot.answer.draft import Draft
from bot.answer.verify import Asked, checked
from bot.assemble import open_bot
from bot.errors import UnknownTerm
from bot.glossary import Glossary
from bot.memory.store import open_store
from bot.new_terms import rows_for
from bot.retrieve import retrieve
from bot.settings import BotSettings
from bot.types import Answer
from bot.understand import understand
from bot.words import Word, find, words_in, words_kept
from ingest.catalog import Catalog
from ingest.embed import Embedder
from ingest.index import Index
from ingest.terms import Term, terms_in

TODAY = """---
title: The harbour today
date: 2024
---
# The harbour today

A Local Berth Network (LBN) is a group of quays that share one crane. In this paper, PLC means the Port Lighting Club.
Each LBN answers to the Joint Quay Office (JQO). The crane register is kept by the HKX. A tide table is a list of tides.
Warping means hauling a ship by its ropes. When warping starts, the bell rings.

| Post | Duties |
|---|---|
| Ann Quayle | Runs the Safety and Rescue Team (SART); keeps the register; sits on the pilots' council |

- WRT: Winter Rescue Team
"""
BEFORE = """---
title: The harbour before
date: 2019
---
# The harbour before

In these minutes, an LBN is any quay whose owner pays the lamp tax. Local Berth Networks (LBNs) were new in 2019.
The Pilots' Licence Committee (PLC) met twice. The Joint Quay Office (JQO) had nine clerks.
The clerks took care of the lamps.
CARE is short for Coastal Aid and Rescue Effort.
"""
TERMS = """
| Term | People also say | Meaning |
|---|---|---|
| Local Berth Network (LBN) | quay group, berth club | Quays with one crane. |
| demurrage | waiting money, late fee | What a ship pays for staying too long. |
"""


@pytest.fixture(scope="module")
def harbour_data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with two documents about a harbour, and their terms; never written to by a test."""
    folder = tmp_path_factory.mktemp("harbour")
    write(folder, today_md=TODAY, before_md=BEFORE, terms_md=TERMS)
    ingested(folder, folder / "data", embedder)
    return folder / "data"


@pytest.fixture(scope="module")
def harbour(harbour_data: Path, embedder: Embedder) -> Iterator[Index]:
    """The index of the harbour."""
    index = opened(harbour_data, embedder)
    yield index
    index.catalog.close()


@pytest.fixture
def changeable(harbour_data: Path, tmp_path: Path) -> Iterator[Catalog]:
    """A catalogue of the harbour that a test may change."""
    shutil.copy(harbour_data / "catalog.sqlite3", tmp_path)
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    yield catalog
    catalog.close()


@pytest.fixture(scope="module")
def words(harbour: Index) -> tuple[Word, ...]:
    """The words of the harbour."""
    return words_in(harbour.catalog, harbour.catalog.terms())


def draft_for(question: str, index: Index, embedder: Embedder) -> Draft | None:
    query = understand(question, Glossary.of(index.catalog.abbreviations(), index.catalog.terms()))
    found = [hit.passage for hit in retrieve(query.widened, embedder.embed_query(query.asked), index, limit=40)]
    return defined(query, found, index.catalog)


def answer_to(question: str, index: Index, embedder: Embedder) -> Answer:
    draft = draft_for(question, index, embedder)
    assert draft is not None
    return checked(draft, Asked(question, question, "c"), index.catalog.document)


def test_every_meaning_is_quoted_word_for_word_with_document_date_and_place(
    words: tuple[Word, ...], harbour: Index
) -> None:
    citations = [told.citation for word in words for told in word.meanings]
    citations += [citation for word in words for citation in word.used]
    assert len(citations) > 8
    for citation in citations:
        document = harbour.catalog.document(citation.document_id)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.date in ("2024", "2019")
        assert citation.locator


def test_an_abbreviation_of_two_meanings_has_both_the_newest_first(words: tuple[Word, ...]) -> None:
    word = find("plc", words)
    assert word.term == "PLC"
    assert [(told.date, told.long) for told in word.meanings] == [
        ("2024", "the Port Lighting Club"),
        ("2019", "Pilots' Licence Committee"),
    ]


def test_one_that_means_something_else_by_the_same_name_has_both_definitions(words: tuple[Word, ...]) -> None:
    assert [(told.date, told.text) for told in find("LBN", words).meanings] == [
        ("2024", "A Local Berth Network (LBN) is a group of quays that share one crane."),
        ("2019", "In these minutes, an LBN is any quay whose owner pays the lamp tax."),
    ]


def test_what_is_never_spelled_out_is_said_to_be_used_and_not_expanded(words: tuple[Word, ...]) -> None:
    unexplained = [word for word in words if word.status == "used_not_expanded"]
    assert [word.term for word in unexplained] == ["HKX"]
    assert unexplained[0].meanings == ()
    assert unexplained[0].used[0].quote == "The crane register is kept by the HKX."


def test_a_long_row_is_quoted_only_where_it_spells_the_word_out(words: tuple[Word, ...]) -> None:
    told = find("SART", words).meanings[0]
    assert (told.citation.quote, told.long) == ("Safety and Rescue Team (SART)", "Safety and Rescue Team")


def test_a_list_of_abbreviations_explains_them(words: tuple[Word, ...]) -> None:
    assert find("WRT", words).long == "Winter Rescue Team"


def test_terms_that_are_no_abbreviations_are_found_by_the_sentence_that_defines_them(words: tuple[Word, ...]) -> None:
    assert find("tide tables", words).meanings[0].text == "A tide table is a list of tides."


def test_the_owners_words_stand_beside_and_are_no_quotation(words: tuple[Word, ...]) -> None:
    word = find("berth club", words)
    assert (word.term, word.owners_meaning) == ("LBN", "Quays with one crane.")
    assert "Quays with one crane." not in [told.text for told in word.meanings]
    alone = find("demurrage", words)
    assert (alone.status, alone.meanings, alone.used) == ("owners_only", (), ())


def test_an_unknown_word_is_said_in_one_sentence_with_the_nearest(words: tuple[Word, ...]) -> None:
    with pytest.raises(UnknownTerm, match=r"have the word 'SARRT'\. Did you mean 'SART'\?"):
        find("SARRT", words)


def test_words_are_read_again_only_when_something_changed(changeable: Catalog) -> None:
    read = words_kept(changeable, changeable.terms)
    first = read()
    assert read() is first
    changeable.set_terms(terms_in(TERMS.replace("demurrage", "quay dues")))
    assert [word.term for word in read() if word.status == "owners_only"] == ["quay dues"]


def test_words_of_documents_in_capitals_are_no_abbreviations(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(
        folder,
        shout_txt="THE RULES OF THE QUAY\n\nSTOP AT THE LINE AND WAIT. Chapter VIII tells more. See the DOCK plan.\n",
    )
    ingested(folder, data_dir, embedder)
    catalog = opened(data_dir, embedder).catalog
    assert [word.term for word in words_in(catalog)] == ["DOCK"]


@pytest.mark.parametrize(
    "question",
    [
        "What does LBN mean?",
        "what's LBN short for",
        "LBN meaning",
        "Define LBN",
        "the meaning of LBN?",
        "What do the letters LBN stand for?",
        "waht dose LBN stnad for",
        "LBN?",
        "I'm new here, whats an LBN?",
        "somebody in the crane team is 'LBN' - what's that",
        "Can you tell me what LBNs are short for?",
        "What is an LBN?",
        "What does LBN mean in the crane papers?",
    ],
)
def test_a_question_for_a_meaning_is_answered_with_the_sentence_that_defines_it(
    question: str, harbour: Index, embedder: Embedder
) -> None:
    answer = answer_to(question, harbour, embedder)
    assert answer.status == "answered"
    assert answer.text.startswith("LBN stands for Local Berth Network. [1]")
    assert answer.citations[0].quote == "A Local Berth Network (LBN) is a group of quays that share one crane."
    assert [(conflict.date, conflict.number) for conflict in answer.conflicts] == [("2019", 2)]
    assert "Earlier, in 2019: In these minutes, an LBN is any quay" in answer.text


def test_two_long_forms_are_told_with_their_dates(harbour: Index, embedder: Embedder) -> None:
    answer = answer_to("What does PLC stand for?", harbour, embedder)
    assert "PLC means the Port Lighting Club. [1]" in answer.text
    assert "Earlier, in 2019: PLC stands for Pilots' Licence Committee. [2]" in answer.text


def test_the_meaning_of_a_year_is_that_of_its_documents(harbour: Index, embedder: Embedder) -> None:
    answer = answer_to("What did LBN mean in 2019?", harbour, embedder)
    assert "lamp tax" in answer.text
    assert "crane" not in answer.text


def test_several_abbreviations_are_told_one_after_another(harbour: Index, embedder: Embedder) -> None:
    answer = answer_to("What do SART and JQO stand for?", harbour, embedder)
    assert "SART stands for Safety and Rescue Team. [1]" in answer.text
    assert "JQO stands for Joint Quay Office." in answer.text


def test_a_term_is_told_by_its_definition_also_misspelt(harbour: Index, embedder: Embedder) -> None:
    for question in ("What is a tide table?", "what does tide tabel mean"):
        assert answer_to(question, harbour, embedder).text == "A tide table is a list of tides. [1]"
    assert answer_to("what is warping?", harbour, embedder).text == "Warping means hauling a ship by its ropes. [1]"


def test_what_is_spelled_out_nowhere_is_not_found_and_said_to_be_used(harbour: Index, embedder: Embedder) -> None:
    answer = answer_to("what does hkx stand for?", harbour, embedder)
    assert answer.status == "not_found"
    assert answer.text.startswith("The documents use “HKX” and spell it out nowhere")
    assert answer.sentences == ()
    assert answer.citations[0].quote == "The crane register is kept by the HKX."


@pytest.mark.parametrize(
    "question",
    [
        "What does the LBN do?",
        "What is the LBN's budget?",
        "Who leads the JQO?",
        "What is the difference between an LBN and the JQO?",
        "What does it mean?",
        "What is care?",
        "What does ZZQ stand for?",
        "Why was the JQO set up, and what does that mean for pilots?",
        "How is the tide table made?",
        "",
        "What does " + "very " * 300 + "long mean?",
    ],
)
def test_other_questions_are_left_to_others(question: str, harbour: Index, embedder: Embedder) -> None:
    assert draft_for(question or "?a", harbour, embedder) is None


def test_a_document_that_is_gone_explains_nothing(changeable: Catalog) -> None:
    changeable.remove(["today.md"])
    query = understand("What does PLC stand for?")
    draft = defined(query, (), changeable)
    assert draft is not None
    assert {place.passage.document_id for one in draft.sentences for place in one.places} == {"before.md"}
    assert find("LBN", words_in(changeable)).meanings[0].date == "2019"


def test_unanswered_questions_offer_rows_for_terms(harbour: Index, words: tuple[Word, ...], harbour_data: Path) -> None:
    bot = open_bot(BotSettings(data_dir=harbour_data))
    asked = ["Who pays the gizmo | quay fare?", "Where is the gizmo?", "When is the berth club fair?"]
    unanswered = [bot.ask(question) for question in asked]
    bot.index.catalog.close()
    rows = rows_for(unanswered, words, harbour.catalog.words().__contains__)
    assert rows[0].said == "gizmo"
    assert all(row.as_table_row().count("|") == 4 for row in rows)
    table = "| Term | People also say | Meaning |\n|---|---|---|\n" + "\n".join(row.as_table_row() for row in rows)
    assert len(terms_in(table)) == len(rows)
    assert terms_in(table)[0] == Term(terms_in(table)[0].names, ("gizmo",), terms_in(table)[0].meaning)


def test_the_command_lists_words_and_says_what_it_does_not_know(citewell: Run) -> None:
    listed = citewell("glossary", "--json")
    shown = {word["term"]: word for word in json.loads(listed.stdout)}
    assert listed.returncode == 0
    assert {word["status"] for word in shown.values()} == {"explained", "used_not_expanded", "owners_only"}
    assert len(shown["ICP"]["meanings"]) > 1
    unknown = citewell("glossary", "Xyzzyq")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.count("\n") == 1
    assert "Neither the documents nor terms.md have the word 'Xyzzyq'" in unknown.stderr


def test_the_command_offers_rows_from_what_was_not_answered(citewell: Run, corpus_data: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'asked.db'}"
    bot = open_bot(BotSettings(data_dir=corpus_data))
    with open_store(address, retention_days=0) as store:
        store.begin("c", asker="")
        answer = bot.ask("Where do I find the flibbertigibbet?")
        assert answer.status == "not_found"
        store.keep(answer, asker="", past=store.past("c", asker=""))
    offered = citewell("glossary", "--unanswered", CITEWELL_DATABASE=address)
    assert offered.returncode == 0
    assert "| flibbertigibbet |" in offered.stdout or ": flibbertigibbet" in offered.stdout


def test_words_are_shown_with_their_quotations_and_the_owners_words_marked(words: tuple[Word, ...]) -> None:
    shown = " ".join(word_list(words).split())
    assert "LBN: Local Berth Network 2024 “A Local Berth Network (LBN) is a group of quays" in shown
    assert "In the content owners' words, no quotation: Quays with one crane." in shown
    assert "spell them out nowhere HKX today.md" in shown
    assert "HKX Used, not expanded" in " ".join(word_entry(find("HKX", words)).split())
