"""Asking over HTTP: as JSON, as events, once for one key, so many at a time."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from http_parts import QUESTION, Held, serving

from bot.assemble import Bot

ASK = {"question": QUESTION}
AS_EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def service(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(bot, tmp_path_factory.mktemp("service")) as client:
        yield client


def events_of(text: str) -> list[tuple[str, dict]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n") if not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_an_answer_is_the_same_as_elsewhere(service: httpx.Client, bot: Bot) -> None:
    response = service.post("/v1/ask", json=ASK)
    answer, elsewhere = response.json(), json.loads(json.dumps(asdict(bot.ask(QUESTION))))
    for field in ("text", "sentences", "citations", "conflicts", "status", "suggestions"):
        assert answer[field] == elsewhere[field]
    assert answer.keys() == elsewhere.keys()
    assert response.headers["content-type"] == "application/json"
    assert len(response.headers["x-reference"]) == 12


def test_events_tell_the_steps_the_sentences_and_the_answer(service: httpx.Client) -> None:
    response = service.post("/v1/ask", json=ASK, headers=AS_EVENTS)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    assert [data["step"] for name, data in events if name == "status"] == ["understand", "retrieve", "answer", "verify"]
    answer = events[-1][1]
    assert [name for name, _ in events] == ["status"] * 4 + ["sentence"] * len(answer["sentences"]) + ["answer"]
    told = [data for name, data in events if name == "sentence"]
    assert [one["text"] for one in told] == [one["text"] for one in answer["sentences"]]
    assert told[0]["citations"][0] == answer["citations"][0]


def test_a_question_that_is_none_is_said_in_the_first_event_or_status(service: httpx.Client) -> None:
    plain = service.post("/v1/ask", json={"question": "?!"})
    assert (plain.status_code, plain.json()["type"]) == (422, "urn:citewell:problem:no-question")
    ((name, data),) = [
        one
        for one in events_of(service.post("/v1/ask", json={"question": "?!"}, headers=AS_EVENTS).text)
        if one[0] != "status"
    ]
    assert (name, data["status"]) == ("error", 422)
    assert data["detail"] == plain.json()["detail"]


def test_a_follow_up_is_understood_by_the_conversation(service: httpx.Client) -> None:
    first = service.post("/v1/ask", json={"question": "When did the Integrated Care Board begin to operate?"}).json()
    later = {"question": "and who chairs it?", "conversation_id": first["conversation_id"]}
    second = service.post("/v1/ask", json=later).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert "Integrated Care Board" in second["standalone_question"]


def test_a_conversation_that_is_not_there_is_said(service: httpx.Client) -> None:
    response = service.post("/v1/ask", json={**ASK, "conversation_id": "nobodys"})
    assert (response.status_code, response.json()["type"]) == (404, "urn:citewell:problem:unknown")


@pytest.mark.parametrize("headers", [{}, AS_EVENTS])
def test_the_same_idempotency_key_gets_the_same_answer(service: httpx.Client, headers: dict[str, str]) -> None:
    key = {**headers, "Idempotency-Key": f"retry-{len(headers)}"}
    first, again = (service.post("/v1/ask", json=ASK, headers=key) for _ in range(2))
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    if headers:
        assert events_of(again.text)[-1] == events_of(first.text)[-1]
    else:
        assert again.json() == first.json()
    other = service.post("/v1/ask", json={"question": "Who leads on workforce?"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:citewell:problem:idempotency-key-reused")


def test_a_key_whose_question_failed_works_for_the_next_try(service: httpx.Client) -> None:
    key = {"Idempotency-Key": "failed"}
    assert service.post("/v1/ask", json={"question": "?"}, headers=key).status_code == 422
    assert service.post("/v1/ask", json=ASK, headers=key).status_code == 200


@pytest.mark.parametrize("headers", [{}, AS_EVENTS])
def test_a_closed_connection_stops_the_work(bot: Bot, tmp_path: Path, headers: dict[str, str]) -> None:
    held = Held(bot)
    with serving(held.bot, tmp_path, max_asks=1) as client:
        with (
            pytest.raises(httpx.ReadTimeout),
            client.stream("POST", "/v1/ask", json=ASK, headers=headers, timeout=0.3) as response,
        ):
            response.read()
        assert held.begun.is_set()
        time.sleep(0.2)  # for the service to notice
        held.go.set()
        assert held.stopped.wait(5)
        assert not held.finished.is_set()
        assert client.post("/v1/ask", json=ASK).status_code == 200, "and its place is free again"


def test_who_finds_the_queue_full_is_told_so_at_once_and_the_others_are_answered(bot: Bot, tmp_path: Path) -> None:
    held = Held(bot)
    with serving(held.bot, tmp_path, max_asks=1, max_waiting=2) as client, ThreadPoolExecutor(3) as callers:
        answers = [callers.submit(client.post, "/v1/ask", json=ASK) for _ in range(3)]
        assert held.begun.wait(5)
        while "citewell_waiting_asks 2.0" not in client.get("/metrics").text:
            time.sleep(0.01)
        for headers in ({}, AS_EVENTS):
            refused = client.post("/v1/ask", json=ASK, headers=headers)
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:citewell:problem:busy")
            assert int(refused.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 200, "what asks nothing is not held up"
        held.go.set()
        assert [answer.result().status_code for answer in answers] == [200, 200, 200]


def test_an_answer_that_takes_too_long_is_given_up(bot: Bot, tmp_path: Path) -> None:
    held = Held(bot)
    with serving(held.bot, tmp_path, ask_timeout=0.2) as client:
        response = client.post("/v1/ask", json=ASK)
        assert (response.status_code, response.json()["type"]) == (503, "urn:citewell:problem:too-slow")
        events = events_of(client.post("/v1/ask", json=ASK, headers=AS_EVENTS).text)
        assert (events[-1][0], events[-1][1]["status"]) == ("error", 503)
        held.go.set()
        assert held.stopped.wait(5)


def test_the_same_question_with_the_same_key_is_not_answered_twice_at_once(bot: Bot, tmp_path: Path) -> None:
    held = Held(bot)
    key = {"Idempotency-Key": "twice"}
    with serving(held.bot, tmp_path) as client, ThreadPoolExecutor(1) as callers:
        first = callers.submit(client.post, "/v1/ask", json=ASK, headers=key)
        assert held.begun.wait(5)
        second = client.post("/v1/ask", json=ASK, headers=key)
        assert (second.status_code, second.json()["type"]) == (409, "urn:citewell:problem:being-answered")
        held.go.set()
        answer = first.result().json()
        assert client.post("/v1/ask", json=ASK, headers=key).json() == answer


def test_many_callers_at_once_all_get_their_own_answer(service: httpx.Client, bot: Bot) -> None:
    questions = [QUESTION, "Who leads on workforce?", "hello", "When did the Integrated Care Board begin to operate?"]
    expected = {question: bot.ask(question).text for question in questions}

    def ask(question: str) -> tuple[str, str]:
        return question, service.post("/v1/ask", json={"question": question}).json()["text"]

    with ThreadPoolExecutor(32) as callers:
        assert all(text == expected[question] for question, text in callers.map(ask, questions * 8))
