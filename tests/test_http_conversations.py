"""History, votes and the onboarding path over HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from conftest import CORPUS
from http_parts import QUESTION, serving

from bot.assemble import Bot
from bot.memory.store import open_store


@pytest.fixture(scope="module")
def service(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(bot, tmp_path_factory.mktemp("service"), corpus=CORPUS) as client:
        yield client


def asked(service: httpx.Client, **given: str) -> dict:
    answer: dict = service.post("/v1/ask", json={"question": QUESTION, **given}).json()
    return answer


def test_a_conversation_is_listed_read_and_deleted_for_good(service: httpx.Client) -> None:
    first = asked(service)
    second = asked(service, question="since when?", conversation_id=first["conversation_id"])
    at = f"/v1/conversations/{first['conversation_id']}"
    newest = service.get("/v1/conversations").json()[0]
    assert (newest["id"], newest["title"]) == (first["conversation_id"], QUESTION)
    assert newest["updated"] > newest["created"]
    kept = service.get(at).json()
    assert [turn["answer"] for turn in kept["turns"]] == [first, second]
    assert [turn["number"] for turn in service.get(at, params={"before": 2}).json()["turns"]] == [1]
    assert service.delete(at).status_code == 204
    for response in (service.get(at), service.delete(at)):
        assert response.status_code == 404
    assert first["conversation_id"] not in [one["id"] for one in service.get("/v1/conversations").json()]


def test_a_vote_is_kept_changed_counted_and_taken_back(service: httpx.Client) -> None:
    at = f"/v1/answers/{asked(service)['answer_id']}/feedback"
    assert service.post(at, json={"rating": "up"}).status_code == 204
    assert service.post(at, json={"rating": "down", "reason": "The number is of last year."}).status_code == 204
    assert 'citewell_feedback_total{rating="down"} 1.0' in service.get("/metrics").text
    assert service.delete(at).status_code == 204
    assert service.delete(at).status_code == 204


def test_votes_come_to_the_store(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("votes")
    with serving(bot, folder) as client:
        answer = asked(client)
        client.post(f"/v1/answers/{answer['answer_id']}/feedback", json={"rating": "down", "reason": "Old."})
    with open_store(f"sqlite:///{folder / 'citewell.db'}", retention_days=0) as store:
        assert [(vote.rating, vote.reason) for vote in store.votes.on(answer["answer_id"])] == [("down", "Old.")]


@pytest.mark.parametrize(
    "feedback", [{}, {"rating": "sideways"}, {"rating": "up", "reason": "a" * 2001}, {"rating": 1}]
)
def test_a_vote_that_is_none(service: httpx.Client, feedback: dict) -> None:
    assert service.post("/v1/answers/whatever/feedback", json=feedback).status_code == 422


def test_a_vote_on_an_answer_that_nobody_gave(service: httpx.Client) -> None:
    response = service.post("/v1/answers/whatever/feedback", json={"rating": "up"})
    assert (response.status_code, response.json()["type"]) == (404, "urn:citewell:problem:unknown")


def test_the_path_for_new_starters_remembers_how_far_one_came(service: httpx.Client) -> None:
    path = service.get("/v1/onboarding").json()
    names = [step["id"] for step in path["steps"]]
    assert len(names) > 1
    assert all(step["title"] and step["citations"] for step in path["steps"])
    assert path["progress"] == {"done": [], "total": len(names)}
    for _ in range(2):
        assert service.put(f"/v1/onboarding/steps/{names[1]}").status_code == 204
    assert service.get("/v1/onboarding").json()["progress"] == {"done": [names[1]], "total": len(names)}
    assert service.put("/v1/onboarding/steps/nothing").status_code == 404


def test_without_a_path_there_are_no_steps(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("none")
    with serving(bot, folder, corpus=folder) as client:
        assert client.get("/v1/onboarding").json() == {"steps": [], "progress": {"done": [], "total": 0}}


def test_where_the_store_is_gone_questions_are_still_answered(
    bot: Bot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    (folder / "citewell.db").mkdir()  # no file can be opened there
    with serving(bot, folder) as client:
        answer = asked(client)
        assert answer["status"] == "answered"
        assert "not kept" in answer["notice"]
        response = client.get("/v1/conversations")
        assert (response.status_code, response.json()["type"]) == (503, "urn:citewell:problem:store-unavailable")
        assert client.get("/readyz").status_code == 503
