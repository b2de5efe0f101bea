"""Answers become messages that Slack takes, and that show what the answer says and where it stands."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from slack_payloads import characters, faults_of_message

from bot.adapters.slack import limits
from bot.adapters.slack.markup import parts_of
from bot.adapters.slack.render import Message, messages, plain, trouble
from bot.types import Answer, Citation, Conflict, Status


def a_citation(number: int = 1, **given: object) -> Citation:
    facts: dict[str, object] = {
        "number": number,
        "document_id": "plans/bus plan.md",
        "title": "Bus plan",
        "date": "2021-06-30",
        "kind": "plan",
        "status": "current",
        "locator": "Networks > Rural",
        "passage_id": f"p{number}",
        "quote": "There are 42 networks.",
        "start": 10,
        "end": 32,
        "url": "/documents/plans/bus plan.md#p-10",
        "score": 0.9,
    }
    return Citation(**{**facts, **given})  # type: ignore[arg-type]


def an_answer(text: str = "There are 42 networks. [1]", status: Status = "answered", **given: object) -> Answer:
    facts: dict[str, object] = {"citations": (a_citation(),), **given}
    return Answer("a1", "c1", "How many?", "How many networks?", status, text, **facts)  # type: ignore[arg-type]


def payload(message: Message) -> dict[str, object]:
    return {"text": message.text, "blocks": list(message.blocks)}


def seen(*shown: Message) -> str:
    """All that a reader sees, with entities as they are shown."""
    found: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, dict):
            for name, value in part.items():
                if name == "text" and isinstance(value, str):
                    found.append(value)
                else:
                    walk(value)
        elif isinstance(part, (list, tuple)):
            for one in part:
                walk(one)

    for message in shown:
        walk(list(message.blocks))
    return " ".join(found)


def test_an_answer_has_its_text_and_a_numbered_source_with_title_date_locator_and_quotation() -> None:
    (message,) = messages(an_answer())
    assert "There are 42 networks. [1]" in message.text
    for part in ("There are 42 networks. [1]", "[1] ", "Bus plan", "2021-06-30, plan", "Networks > Rural"):
        assert part in seen(message)
    quotes = [e for b in message.blocks for e in b.get("elements", []) if e.get("type") == "rich_text_quote"]
    assert [one["text"] for quote in quotes for one in quote["elements"]] == ["There are 42 networks."]
    assert not faults_of_message(payload(message))


def test_a_source_is_linked_only_where_the_server_has_an_address() -> None:
    (without,) = messages(an_answer())
    assert '"link"' not in json.dumps(without.blocks)
    (linked,) = messages(an_answer(), public_url="https://answers.example.org/")
    assert "https://answers.example.org/documents/plans/bus%20plan.md#p-10" in json.dumps(linked.blocks)
    assert not faults_of_message(payload(linked))


def test_a_superseded_source_is_marked() -> None:
    (message,) = messages(an_answer(citations=(a_citation(status="superseded"), a_citation(2, status="current"))))
    assert seen(message).count("superseded") == 1


def test_documents_that_differ_are_named_with_date_and_number() -> None:
    (message,) = messages(
        an_answer(citations=(a_citation(), a_citation(2, date="2020")), conflicts=(Conflict("43", 2, "2020"),))
    )
    assert "2020: 43 [2]" in seen(message)


def test_follow_ups_are_buttons_that_carry_the_whole_question() -> None:
    long = "What does the plan say about " + "buses and " * 20 + "trains?"
    (message,) = messages(an_answer(suggestions=("Since when?", long, " ", "x" * 2_001)))
    buttons = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    assert [one["value"] for one in buttons] == ["Since when?", long]
    assert not faults_of_message(payload(message))


def test_a_refusal_shows_the_nearest_passages_and_tells_the_owner_but_shares_nothing() -> None:
    refused = an_answer("The documents don't tell. You could ask the records office.", "not_found")
    (message,) = messages(refused, ephemeral=True)
    assert "Nearest passages" in seen(message)
    assert "the records office" in seen(message)
    assert "Tell the document owner" in seen(message)
    assert "Share" not in seen(message)
    assert not faults_of_message(payload(message))


def test_a_greeting_has_no_thumbs_and_no_sources() -> None:
    (message,) = messages(an_answer("Hello.", citations=()))
    assert seen(message) == "Hello."


def test_thumbs_carry_the_answer() -> None:
    (message,) = messages(an_answer())
    thumbs = message.blocks[-1]["elements"][0]
    assert (thumbs["positive_button"]["value"], thumbs["negative_button"]["value"]) == ("up:a1", "down:a1")


def test_what_a_document_says_notifies_nobody_and_hides_no_link() -> None:
    nasty = "<!here> <@U1> *bold* [click](https://evil.example) & <https://evil.example|x>"
    shown = messages(an_answer(nasty, citations=(a_citation(title=nasty, quote=nasty, locator=nasty, date=nasty),)))
    assert not [fault for message in shown for fault in faults_of_message(payload(message))]
    assert nasty in seen(*shown)  # letter by letter
    (table,) = messages(an_answer(f"| a |\n|---|\n| {nasty} |", citations=()))
    assert not faults_of_message(payload(table))
    assert "](http" not in seen(table)


def test_lists_are_lists() -> None:
    (message,) = messages(an_answer("These are they: [1]\n- Ann\n- Bell\nThat is all."))
    kinds = [one["type"] for one in message.blocks[0]["elements"]]
    assert kinds == ["rich_text_section", "rich_text_list", "rich_text_section"]


def test_a_long_table_is_split_between_rows_and_keeps_its_header() -> None:
    rows = [f"| area {n} | {n} networks in the county, all of them rural |" for n in range(400)]
    table = "| Area | Networks |\n|---|---|\n" + "\n".join(rows)
    shown = messages(an_answer(f"Here they are.\n\n{table}"))
    assert len(shown) > 1
    assert all("| Area | Networks |\n|---|---|\n" in seen(message) for message in shown)
    assert [row for message in shown for row in message.blocks[0]["text"].split("\n") if "area" in row] == rows
    assert not [fault for message in shown for fault in faults_of_message(payload(message))]
    assert "Sources" in seen(shown[-1])


def test_a_long_fence_is_closed_in_each_part() -> None:
    shown = messages(an_answer("```\n" + "\n".join(f"line {n} of the listing" for n in range(900)) + "\n```"))
    assert len(shown) > 1
    assert not [fault for message in shown for fault in faults_of_message(payload(message))]


def test_too_much_to_quote_is_quoted_shorter_and_fits() -> None:
    many = tuple(a_citation(n, quote="word " * 400) for n in range(1, 30))
    (message,) = messages(an_answer(citations=many))
    assert characters(list(message.blocks)) <= limits.MESSAGE
    assert "and 17 more" in seen(message)
    (smaller,) = messages(an_answer(citations=many), budget=3_000)
    assert characters(list(smaller.blocks)) <= 3_000
    assert "There are 42 networks." in seen(smaller)


def test_a_reply_without_a_message_of_a_person_shows_the_question() -> None:
    (message,) = messages(an_answer(), asked="Since <when>?")
    assert "Asked: Since &lt;when&gt;?" in seen(message)


def test_an_error_is_one_sentence_with_its_reference() -> None:
    assert "r-123" in seen(trouble("r-123"))
    assert not faults_of_message(payload(plain("<!here>")))


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400)
LINES = st.lists(
    st.sampled_from(["| a | b |", "|---|---|", "```", "~~~", "- item", "word " * 30, "", "x" * 300, "<!here>", "&&&&"])
)


@given(
    text=st.one_of(TEXT, LINES.map("\n".join)),
    times=st.integers(1, 60),
    quote=TEXT,
    title=TEXT,
    status=st.sampled_from(["answered", "not_found", "clarify"]),
)
def test_any_answer_makes_messages_that_slack_takes(
    text: str, times: int, quote: str, title: str, status: Status
) -> None:
    citations = (a_citation(quote=quote or "q", title=title), a_citation(2, quote=quote * 20 or "q", locator=title))
    answer = replace(an_answer("\n".join([text] * times), status), citations=citations, suggestions=(quote, title))
    for message in messages(answer, asked=title, ephemeral=True, public_url="https://a.example"):
        assert not faults_of_message(payload(message))


@given(text=LINES.map("\n".join), limit=st.integers(40, 400))
def test_parts_are_small_enough_and_lose_no_word(text: str, limit: int) -> None:
    parts = parts_of(text, limit)
    assert all(len(part) <= limit for part in parts)
    for word in ("item", "word"):
        assert sum(part.count(word) for part in parts) >= text.count(word)
