"""API keys: made, listed, revoked; what each may do, whose documents it may read, how often it may ask."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import Run, ingested, write
from http_parts import serving

from bot.adapters.http.admission import check
from bot.adapters.http.keys import Keys, KeysError
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder
from ingest.errors import SettingsError

ASKED = {"question": "Who is paid the bonus of the harbour master?"}
PLAN = "# Ferry plan\n\nThere are 12 Local Ferry Lines (LFLs) in the harbour.\n"
FOR_THE_BOARD = """---
title: Quiet merger
audience: board
---
# Quiet merger

Zelda Quist is paid the bonus of the harbour master by the Zonal Quay Fund (ZQF).
"""
ANY = "0.0.0.0"  # noqa: S104  what is tried is whether it is refused
WORDS = ("Zelda", "Quist", "Quiet", "Zonal", "secret.md")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Bot]:
    folder, data_dir = tmp_path_factory.mktemp("documents"), tmp_path_factory.mktemp("data")
    write(folder, plan_md=PLAN, secret_md=FOR_THE_BOARD)
    ingested(folder, data_dir, embedder)
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    yield bot
    bot.index.catalog.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("service") / "keys.json")


@pytest.fixture(scope="module")
def service(bot: Bot, keys: Keys) -> Iterator[httpx.Client]:
    with serving(bot, keys._path.parent, keys="required") as client:
        yield client


def made(keys: Keys, *scopes: str, audiences: frozenset[str] | None = frozenset({"staff"})) -> dict[str, str]:
    _, secret = keys.create("somebody", scopes=scopes or ("ask", "feedback"), audiences=audiences)
    return {"Authorization": f"Bearer {secret}"}


def test_without_a_key_that_works_nothing_is_told(service: httpx.Client, keys: Keys) -> None:
    right = made(keys)["Authorization"]
    for header in ("", "Bearer", "Bearer cw_x_y", right[:-1], right.replace("Bearer", "Basic"), f"{right}x"):
        headers = {"Authorization": header} if header else {}
        for method, path in (
            ("POST", "/v1/ask"),
            ("GET", "/v1/documents"),
            ("GET", "/v1/glossary"),
            ("GET", "/metrics"),
        ):
            response = service.request(method, path, headers=headers, json=ASKED if method == "POST" else None)
            assert (response.status_code, response.json()["type"]) == (401, "urn:citewell:problem:no-key")
            assert response.headers["www-authenticate"].startswith("Bearer")
    assert service.get("/healthz").status_code == 200
    assert service.get("/readyz").json() == {"status": "ready"}


def test_a_key_works_until_it_is_revoked(service: httpx.Client, keys: Keys) -> None:
    headers = made(keys)
    assert service.post("/v1/ask", json=ASKED, headers=headers).status_code == 200
    keys.revoke(keys.listed()[-1].id)
    assert service.post("/v1/ask", json=ASKED, headers=headers).status_code == 401


def test_a_key_may_do_what_its_scopes_say(service: httpx.Client, keys: Keys) -> None:
    asks, judges, operates = made(keys, "ask"), made(keys, "feedback"), made(keys, "admin")
    answer = service.post("/v1/ask", json=ASKED, headers=asks).json()
    feedback = f"/v1/answers/{answer['answer_id']}/feedback"
    refused = service.post(feedback, json={"rating": "up"}, headers=asks)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:citewell:problem:no-scope")
    assert "--scope feedback" in refused.json()["detail"]
    assert service.post("/v1/ask", json=ASKED, headers=judges).status_code == 403
    assert service.get("/metrics", headers=asks).status_code == 403
    assert "citewell_asks_total" in service.get("/metrics", headers=operates).text


def test_who_may_not_read_a_document_learns_nothing_of_it_on_any_route(
    service: httpx.Client, keys: Keys, bot: Bot
) -> None:
    board = made(keys, audiences=frozenset({"staff", "board"}))
    everything, staff = made(keys, audiences=None), made(keys)
    passage = bot.index.passages_of("secret.md")[0].id
    routes = (
        ("GET", "/v1/documents", None),
        ("GET", "/v1/documents/secret.md", None),
        ("GET", f"/v1/passages/{passage}", None),
        ("GET", "/v1/glossary", None),
        ("GET", "/documents/secret.md", None),
        ("POST", "/v1/ask", ASKED),
        ("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": ASKED["question"]}]}),
    )
    for method, path, body in routes:
        for headers in (board, everything):
            assert any(word in service.request(method, path, json=body, headers=headers).text for word in WORDS), path
        told = service.request(method, path, json=body, headers=staff)
        assert not any(word in told.text for word in WORDS), path
    missing = service.get("/v1/documents/nothing.md", headers=staff).json()
    hidden = service.get("/v1/documents/secret.md", headers=staff).json()
    assert {**missing, "reference": ""} == {**hidden, "reference": ""}, "nor that it is there"


def test_conversations_are_their_callers_own(service: httpx.Client, keys: Keys) -> None:
    mine, others = made(keys), made(keys)
    answer = service.post("/v1/ask", json=ASKED, headers=mine).json()
    at = f"/v1/conversations/{answer['conversation_id']}"
    assert service.get(at, headers=mine).status_code == 200
    assert [one["id"] for one in service.get("/v1/conversations", headers=mine).json()] == [answer["conversation_id"]]
    assert service.get("/v1/conversations", headers=others).json() == []
    follow_up = {**ASKED, "conversation_id": answer["conversation_id"]}
    vote = f"/v1/answers/{answer['answer_id']}/feedback"
    for response in (
        service.get(at, headers=others),
        service.delete(at, headers=others),
        service.post("/v1/ask", json=follow_up, headers=others),
        service.post(vote, json={"rating": "up"}, headers=others),
    ):
        assert response.status_code == 404
    assert service.get(at, headers=mine).status_code == 200


def test_an_idempotency_key_is_its_callers_own(service: httpx.Client, keys: Keys) -> None:
    once = {"Idempotency-Key": "1"}
    mine = service.post("/v1/ask", json=ASKED, headers={**made(keys), **once}).json()
    theirs = service.post("/v1/ask", json=ASKED, headers={**made(keys), **once}).json()
    assert mine["answer_id"] != theirs["answer_id"]


def test_the_page_asks_for_a_key_and_keeps_it_where_no_script_can_read_it(service: httpx.Client, keys: Keys) -> None:
    secret = made(keys)["Authorization"].removeprefix("Bearer ")
    page = {"Accept": "text/html"}
    asked = service.get("/", headers=page)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in")
    assert "API key" in service.get("/sign-in", headers=page).text
    assert service.post("/sign-in", data={"key": "cw_no_no"}).status_code == 401
    entered = service.post("/sign-in", data={"key": f" {secret}\n"})
    cookie = entered.headers["set-cookie"]
    assert entered.headers["location"] == "/"
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    with httpx.Client(base_url=service.base_url, cookies=entered.cookies) as browser:
        assert browser.get("/", headers=page).status_code == 200
        assert browser.post("/", data=ASKED).status_code == 200
        assert browser.post("/v1/ask", json=ASKED).status_code == 200
        browser.post("/sign-out")
        assert browser.get("/", headers=page).status_code == 303


def test_each_key_may_ask_so_often(bot: Bot, tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    with serving(bot, tmp_path, keys="required", rate="3/minute") as client:
        busy, calm = made(keys), made(keys)
        statuses = [client.post("/v1/ask", json=ASKED, headers=busy).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = client.post(
            "/v1/chat/completions", json={"messages": [{"role": "user", "content": "Who?"}]}, headers=busy
        )
        assert refused.json()["type"] == "urn:citewell:problem:too-many"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert client.get("/v1/documents", headers=busy).status_code == 200, "reading is not asking"
        assert client.post("/v1/ask", json=ASKED, headers=calm).status_code == 200


def test_the_file_of_keys_has_no_secret_in_it_and_is_its_owners_only(keys: Keys) -> None:
    secret = made(keys)["Authorization"].removeprefix("Bearer ")
    assert secret not in keys._path.read_text()
    assert secret.rpartition("_")[2] not in keys._path.read_text()
    assert keys._path.stat().st_mode & 0o077 == 0


def test_a_damaged_file_of_keys_lets_nobody_in_and_is_said(bot: Bot, tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    headers = made(keys)
    with serving(bot, tmp_path, keys="required") as client:
        keys._path.write_text('{"keys": [{')
        response = client.post("/v1/ask", json=ASKED, headers=headers)
        assert response.status_code == 503
        assert "can't be read" in response.json()["detail"]


def test_keys_are_made_listed_and_revoked_on_the_command_line(citewell: Run, tmp_path: Path) -> None:
    made = citewell("keys", "create", "intranet", "--audience", "staff", "--audience", "board", data_dir=tmp_path)
    assert Keys(tmp_path / "keys.json").find(made.stdout.strip()) is not None
    listed = json.loads(citewell("keys", "list", "--json", data_dir=tmp_path).stdout)
    assert [(one["name"], one["audiences"], one["scopes"]) for one in listed] == [
        ("intranet", ["board", "staff"], ["ask", "feedback"])
    ]
    assert citewell("keys", "revoke", listed[0]["id"], data_dir=tmp_path).returncode == 0
    assert Keys(tmp_path / "keys.json").find(made.stdout.strip()) is None
    wrong = citewell("keys", "revoke", "nothing", data_dir=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (1, "There is no key 'nothing'. See: citewell keys list\n")


def test_an_unknown_scope_is_said(keys: Keys) -> None:
    with pytest.raises(KeysError, match=r"There is no scope 'all'. Choose among: ask, feedback, admin."):
        keys.create("x", scopes=("all",), audiences=None)


def test_where_others_can_reach_it_a_key_is_needed_before_it_starts(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="citewell keys create"):
        check(ServiceSettings(host=ANY, data_dir=tmp_path))
    with pytest.raises(SettingsError, match="citewell keys create"):
        check(ServiceSettings(host="192.0.2.7", data_dir=tmp_path, keys="required"))
    check(ServiceSettings(host="127.0.0.1", data_dir=tmp_path))
    check(ServiceSettings(host=ANY, data_dir=tmp_path, keys="off"))
    Keys(tmp_path / "keys.json").create("x", scopes=("ask",), audiences=None)
    check(ServiceSettings(host=ANY, data_dir=tmp_path))


def test_open_to_others_without_keys_it_tells_only_what_is_for_staff(bot: Bot, tmp_path: Path) -> None:
    with serving(bot, tmp_path, host=ANY, keys="off") as client:
        assert [one["id"] for one in client.get("/v1/documents").json()] == ["plan.md"]
        assert not any(word in client.post("/v1/ask", json=ASKED).text for word in WORDS)
        assert client.get("/metrics").status_code == 403


def test_visitors_without_a_key_see_their_own_conversations_only(bot: Bot, tmp_path: Path) -> None:
    with serving(bot, tmp_path, host=ANY, keys="off", rate="3/hour") as one, httpx.Client(base_url=one.base_url) as two:
        answer = one.post("/v1/ask", json=ASKED).json()
        at = f"/v1/conversations/{answer['conversation_id']}"
        assert one.get(at).status_code == 200
        assert [kept["id"] for kept in one.get("/v1/conversations").json()] == [answer["conversation_id"]]
        assert two.get("/v1/conversations").json() == []
        assert two.get(at).status_code == 404
        assert two.post("/v1/ask", json=ASKED).status_code == 200
        assert httpx.post(f"{one.base_url}/v1/ask", json=ASKED).status_code == 200
        assert httpx.post(f"{one.base_url}/v1/ask", json=ASKED).status_code == 429, "a new name is no new allowance"


def test_behind_a_proxy_it_is_not_taken_for_local(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="citewell keys create"):
        check(ServiceSettings(allowed_hosts="ask.example.org", data_dir=tmp_path))
    assert ServiceSettings(allowed_hosts="localhost").is_local
