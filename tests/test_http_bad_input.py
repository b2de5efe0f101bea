"""What comes over the wire in bad shape gets the right status and one plain sentence, and harms nobody."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from http_parts import JSON, QUESTION, address, serving

from bot.adapters.http import server
from bot.assemble import Bot


@pytest.fixture(scope="module")
def service(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(bot, tmp_path_factory.mktemp("service"), body_timeout=0.5) as client:
        yield client
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200, "it still answers"


def is_problem(response: httpx.Response, status: int, name: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["type"]) == (status, f"urn:citewell:problem:{name}")
    assert problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["reference"] == response.headers["x-reference"]
    assert problem["detail"][0].isupper() or problem["detail"][0] == "'"
    assert problem["detail"].endswith((".", "?", "KEY"))
    return problem


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b"{bad", 400, "bad-json"),
        (b"", 422, "bad-request"),
        (b"null", 422, "bad-request"),
        (b"[]", 422, "bad-request"),
        (b'"text"', 422, "bad-request"),
        (b'{"question": "\xff"}', 400, "bad-request"),
        (b'{"question": 3}', 422, "bad-request"),
        (b'{"question": null}', 422, "bad-request"),
        (b'{"question": ["a"]}', 422, "bad-request"),
        (b'{"question": {"a": 1}}', 422, "bad-request"),
        (b'{"question": ""}', 422, "bad-request"),
        (b'{"question": "   "}', 422, "no-question"),
        (b'{"question": "a", "conversation_id": 1}', 422, "bad-request"),
        (b'{"question": "a", "conversation_id": "../../x y"}', 422, "bad-request"),
        (b'{"question": "a", "conversation_id": "\\ud800"}', 422, "bad-request"),
        (b'{"question": "a", "colour": "red"}', 422, "bad-request"),
        (b"[" * 50_000, 400, "bad-request"),
        (b'{"question": ' + b"1" * 5_000 + b"}", 400, "bad-request"),
        (b'{"question": "\\ud800 Who?"}', 422, "bad-request"),
    ],
)
def test_a_body_that_is_no_question(service: httpx.Client, body: bytes, status: int, name: str) -> None:
    problem = is_problem(service.post("/v1/ask", content=body, headers=JSON), status, name)
    if name == "bad-request" and status == 422:
        assert problem["errors"]


def test_what_was_sent_is_not_sent_back(service: httpx.Client) -> None:
    response = service.post("/v1/ask", json={"question": ["my password is hunter2"]})
    assert "hunter2" not in response.text


@pytest.mark.parametrize("text", ["\\u0000 Who chairs?", "\\u202eWho chairs?", "Who 😀 chairs?"])
def test_odd_characters_in_a_question_are_no_error(service: httpx.Client, text: str) -> None:
    response = service.post("/v1/ask", content=f'{{"question": "{text}"}}'.encode(), headers=JSON)
    assert response.status_code == 200
    assert response.json()["status"] in ("answered", "not_found", "partial")


def test_a_question_that_is_too_long(service: httpx.Client) -> None:
    problem = is_problem(service.post("/v1/ask", json={"question": "who " * 600}), 422, "question-too-long")
    assert "2,000 are the most" in problem["detail"]


def test_other_kinds_of_body_are_refused_as_such(service: httpx.Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = service.post("/v1/ask", content=b'{"question": "a"}', headers={"Content-Type": kind})
        is_problem(response, 415, "not-json")


def test_unknown_addresses_and_methods(service: httpx.Client) -> None:
    for path in ("/nothing", "/v1", "/v1/nothing", "/static/nothing", "/static/../app.py", "/%00", "/v1/passages/%ff"):
        assert service.get(path).status_code == 404
    is_problem(service.put("/v1/ask"), 405, "method-not-allowed")
    is_problem(service.request("TRACE", "/v1/ask"), 405, "method-not-allowed")
    is_problem(service.get("/v1/documents/nothing.md"), 404, "no-document")
    is_problem(service.get("/v1/documents/../../etc/passwd"), 404, "not-found")
    is_problem(service.get("/v1/documents/%2e%2e/%2e%2e/etc/passwd"), 404, "no-document")
    is_problem(service.get("/v1/conversations/nobodys"), 404, "unknown")
    is_problem(service.delete("/v1/conversations/nobodys"), 404, "unknown")


def test_what_is_too_large_is_refused_however_it_comes(service: httpx.Client) -> None:
    large = json.dumps({"question": "a" * 100_000}).encode()
    is_problem(service.post("/v1/ask", content=large, headers=JSON), 413, "too-large")
    pieces = (large[start : start + 10_000] for start in range(0, len(large), 10_000))
    is_problem(service.post("/v1/ask", content=pieces, headers=JSON), 413, "too-large")
    is_problem(service.post("/nothing", content=large, headers=JSON), 413, "too-large")


def sent(service: httpx.Client, *parts: bytes, until: float = 5.0) -> bytes:
    """Send bytes as they are, and read until the service closes the connection."""
    with closing(socket.create_connection(address(service), timeout=until)) as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
        return received


POST = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_a_body_that_never_ends_is_not_waited_for(service: httpx.Client) -> None:
    reply = sent(service, POST + b'Content-Length: 100\r\n\r\n{"question": ')
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"too-slow-to-arrive" in reply


def test_headers_that_never_end_are_not_waited_for(service: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SECONDS_OF_HEADERS", 0.3)
    assert sent(service, b"GET /healthz HTTP/1.1\r\nHost: local").startswith(b"HTTP/1.1 408 ")
    assert sent(service).startswith(b"HTTP/1.1 408 "), "nor a connection that sends nothing"


def test_headers_that_are_too_long(service: httpx.Client) -> None:
    assert sent(service, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n").startswith(
        b"HTTP/1.1 431 "
    )
    assert sent(service, b"GET /?" + b"a" * 40_000 + b" HTTP/1.1\r\n").startswith(b"HTTP/1.1 431 ")


def test_what_is_no_http(service: httpx.Client) -> None:
    assert sent(service, b"\x16\x03\x01\x02\x00 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert sent(service, POST + b"Content-Length: -5\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_caller_who_goes_in_the_middle_of_a_body(service: httpx.Client) -> None:
    for _ in range(3):
        with closing(socket.create_connection(address(service))) as connection:
            connection.sendall(POST + b'Content-Length: 100\r\n\r\n{"question": ')


def test_other_hosts_and_other_sites_are_refused(service: httpx.Client) -> None:
    elsewhere = service.get("/v1/documents", headers={"Host": "rebound.example"})
    is_problem(elsewhere, 421, "wrong-host")
    crossed = service.post("/v1/ask", json={"question": QUESTION}, headers={"Origin": "https://other.example"})
    is_problem(crossed, 403, "other-site")
    assert "access-control-allow-origin" not in crossed.headers
    form = service.post("/", data={"question": QUESTION}, headers={"Origin": "null"})
    is_problem(form, 403, "other-site")
    own = str(service.base_url)
    assert service.post("/v1/ask", json={"question": QUESTION}, headers={"Origin": own}).status_code == 200


def test_an_idempotency_key_that_is_none(service: httpx.Client) -> None:
    for key in ("a" * 300,):
        response = service.post("/v1/ask", json={"question": QUESTION}, headers={"Idempotency-Key": key})
        is_problem(response, 400, "bad-idempotency-key")


def test_every_response_has_the_headers_that_keep_pages_safe(service: httpx.Client) -> None:
    for path in ("/", "/v1/documents", "/nothing", "/static/page.css", "/docs"):
        headers = service.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers
