"""Chat models over real HTTP: three protocols, and the ways in which they fail. The answer without them stands."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Run
from http_parts import serving
from model_parts import FERRIES, Asking, copied, once, opened_with
from model_servers import Asked, Reply, said, scripted

from bot.errors import BudgetSpent, ModelAway
from bot.models.ask import Errand, Model
from bot.models.breaker import Breaker
from bot.models.cache import Cache
from bot.models.ledger import Ledger
from bot.models.limits import Limits, Prices
from bot.models.open import named
from ingest.errors import SettingsError

GOOD = said(("The Harbour Board runs 15 ferries.", 1, "The Harbour Board runs 15 ferries"))
DEAD = "http://127.0.0.1:9/v1"  # the discard port, where nothing listens


def quick(bot: object) -> None:
    """Let the pauses between tries be short."""
    for cell in bot.chain_for.__wrapped__.__closure__:  # type: ignore[attr-defined]
        if isinstance(cell.cell_contents, Model):
            object.__setattr__(cell.cell_contents, "pauses", (0.01, 0.02))


@pytest.mark.parametrize(
    ("answerer", "address", "value"),
    [
        ("openai:gpt-test", "OPENAI_BASE_URL", "{url}/v1"),
        ("anthropic:claude-test", "ANTHROPIC_BASE_URL", "{url}"),
        ("ollama:llama-test", "OLLAMA_HOST", "{url}"),
        ("{url}/v1#some-model", "UNUSED", ""),
    ],
)
def test_each_protocol_streams_structured_answers_and_counts_tokens(
    ferry_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answerer: str, address: str, value: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-key")
    with scripted(lambda asked: GOOD) as server:
        monkeypatch.setenv(address, value.format(url=server.url))
        bot = opened_with(answerer.format(url=server.url), copied(ferry_data, tmp_path), model_prices="1,2")
        answer = bot.ask(FERRIES)
    assert answer.text == "The Harbour Board runs 15 ferries. [1]"
    assert answer.answerer == answerer.replace("{url}/v1#", "openai-compatible:")
    written = len(GOOD) // 4
    assert answer.usage
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1000, written)
    assert answer.usage.cost == pytest.approx((1000 + 2 * written) / 1_000_000)
    body = server.asked[0].body
    assert body["stream"] is True
    assert server.asked[0].shape == {**(server.asked[0].shape or {}), "additionalProperties": False}
    if not answerer.startswith("ollama"):
        assert "secret-key" in json.dumps(server.asked[0].headers)
        assert body.get("max_tokens", body.get("max_completion_tokens")) == 1200


RAMBLING = "The ferries go on and on. " * 16_000  # 100,000 tokens


@pytest.mark.parametrize(
    ("reply", "says", "failed"),
    [
        (Reply(status=401), "says that its key is wrong or may not be used", "NoKey"),
        (Reply(status=403), "says that its key is wrong or may not be used", "NoKey"),
        (Reply(status=404), "isn't there under its name", "ModelAway"),
        (Reply(status=429), "is asked too much just now", "ModelBusy"),
        (Reply(status=500), "can't be reached", "ModelAway"),
        (Reply(status=503), "can't be reached", "ModelAway"),
        (Reply(status=400), "did not understand the request", "NotUnderstood"),
        (Reply(silent=3), "took too long", "ModelSlow"),
        (Reply(""), "said nothing that can be read", "NothingSaid"),
        (Reply("%&$§ ~~ 0x00 }{ ]["), "said nothing that can be read", "NothingSaid"),
        (Reply("", ends="refusal"), "declined to answer", "NothingSaid"),
        (Reply('{"sentences": [{"quotes": [{"pas', ends="length"), "said nothing that can be read", "NothingSaid"),
        (Reply(GOOD, breaks_after=2), "said nothing that can be read", "NothingSaid"),
        (Reply(f'{{"sentences": [{{"quotes": [{{"words": "{RAMBLING}'), "said nothing that can be read", "NothingSaid"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else None,
)
@pytest.mark.parametrize("answerer", ["{url}/v1", "anthropic:claude-test", "ollama:llama-test"])
def test_whatever_goes_wrong_the_documents_own_sentences_are_given_and_it_says_so(
    ferry_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answerer: str,
    reply: Reply,
    says: str,
    failed: str,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    with scripted(lambda asked: reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        bot = opened_with(
            answerer.format(url=server.url), copied(ferry_data, tmp_path), model_seconds=1 if reply.silent else 10
        )
        quick(bot)
        began = time.perf_counter()
        answer = bot.ask(FERRIES)
        took = time.perf_counter() - began
    assert answer.status == "answered" and "15" in answer.text
    assert answer.answerer == "extractive"
    assert answer.notice == f"The chat model {says}. This answer was made without it."
    assert answer.usage and answer.usage.failed == failed
    assert took < 9
    assert answer.usage.completion_tokens < 12_000


@pytest.mark.parametrize(
    "told", ["I'm sorry, but I can't help with that.", RAMBLING, "Ferries are boats. The sea is wide and blue."]
)
def test_talk_that_no_document_backs_is_not_said(asking: Asking, told: str) -> None:
    with asking(lambda asked: told) as (bot, _):
        answer = bot.ask(FERRIES)
    assert answer.text.startswith("15. The Harbour Board runs 15 ferries")
    assert answer.notice == "What the chat model wrote could not be proven. This answer was made without it."


def test_no_key_and_no_server_are_said_too(ferry_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    answer = opened_with("openai:gpt-test", copied(ferry_data, tmp_path)).ask(FERRIES)
    assert answer.notice == "The chat model has no key: set OPENAI_API_KEY. This answer was made without it."
    bot = opened_with(DEAD, copied(ferry_data, tmp_path))
    quick(bot)
    assert bot.ask(FERRIES).notice == "The chat model can't be reached. This answer was made without it."


def test_what_fails_for_a_moment_is_tried_again(asking: Asking) -> None:
    for first in (Reply(status=429, headers={"Retry-After": "0.2"}), Reply(status=503)):
        with asking(once(first, GOOD)) as (bot, server):
            quick(bot)
            began = time.perf_counter()
            answer = bot.ask(FERRIES)
            assert answer.answerer == "openai-compatible:scripted"
            assert len(server.asked) == 2
            assert time.perf_counter() - began > float(first.headers.get("Retry-After", 0))


def test_what_was_proven_before_the_stream_broke_stays_said(asking: Asking) -> None:
    two = said(
        ("The Harbour Board runs 15 ferries.", 1, "The Harbour Board runs 15 ferries"),
        ("The ferries do not sail on Sundays.", 1, "The ferries do not sail on Sundays"),
    )
    first = two.index("ferries do not sail")
    with asking(lambda asked: Reply(two, breaks_after=first // 12)) as (bot, _):
        answer = bot.ask(FERRIES)
    assert (answer.status, answer.text) == ("partial", "The Harbour Board runs 15 ferries. [1]")
    assert answer.notice.startswith("The chat model broke off")


def test_a_server_that_dribbles_is_left_when_the_time_is_over(asking: Asking) -> None:
    with asking(lambda asked: Reply("x" * 4000, pause=0.05), model_seconds=0.5) as (bot, _):
        began = time.perf_counter()
        answer = bot.ask(FERRIES)
        assert time.perf_counter() - began < 2
    assert "15" in answer.text


def test_a_model_that_keeps_failing_is_left_alone_for_a_while(asking: Asking) -> None:
    with asking(lambda asked: Reply(status=404)) as (bot, server):
        for _ in range(8):
            answer = bot.ask(FERRIES)
        assert len(server.asked) == 4
    assert "has failed several times in a row" in answer.notice
    with asking(lambda asked: Reply(status=401)) as (bot, server):
        bot.ask(FERRIES)
        bot.ask(FERRIES)
        assert len(server.asked) == 1  # a wrong key is wrong the next time too


def test_the_breaker_lets_one_call_try_when_the_pause_is_over() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, pause=30, now=lambda: now[0])
    breaker.failed()
    breaker.check()
    breaker.failed()
    with pytest.raises(ModelAway):
        breaker.check()
    now[0] = 31
    breaker.check()
    with pytest.raises(ModelAway):  # another, while the first is not back
        breaker.check()
    breaker.succeeded()
    breaker.check()


def test_tokens_are_budgeted_for_an_answer_a_person_and_a_day(asking: Asking, tmp_path: Path) -> None:
    with asking(lambda asked: GOOD, model_user_tokens=1000) as (bot, server):
        assert bot.ask(FERRIES, asker="ann").answerer != "extractive"
        assert "tokens that one person has in a day" in bot.ask(FERRIES, asker="ann").notice
        assert bot.ask(FERRIES, asker="bob").answerer != "extractive"
    with asking(lambda asked: GOOD, model_day_tokens=3000) as (bot, server):
        assert "has had its tokens for today" not in bot.ask(FERRIES).notice
        assert "has had its tokens for today" in bot.ask(FERRIES).notice
        assert len(server.asked) == 1
    with asking(lambda asked: GOOD, model_answer_tokens=300) as (bot, server):
        assert "tokens that one answer may take" in bot.ask(FERRIES).notice
        assert server.asked == []


def test_days_before_this_one_are_forgotten_and_nobody_is_named(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    ledger = Ledger(tmp_path / "models.db", now=lambda: now[0])
    ledger.add("slack:T1:ann", 700)
    ledger.add("slack:T1:bob", 5)
    assert (ledger.spent("slack:T1:ann"), ledger.spent("")) == (700, 705)
    assert b"ann" not in (tmp_path / "models.db").read_bytes()
    with pytest.raises(BudgetSpent):
        ledger.check("slack:T1:ann", day_tokens=0, user_tokens=700)
    now[0] += 86_400
    ledger.check("slack:T1:ann", day_tokens=1, user_tokens=1)


def test_a_ledger_or_a_cache_that_can_not_be_written_stops_no_answer(tmp_path: Path) -> None:
    broken = tmp_path / "models.db"
    broken.write_bytes(b"no database at all, " * 100)
    ledger, cache = Ledger(broken), Cache(broken, days=1)
    ledger.add("ann", 5)
    cache.keep("a", "said")
    assert (ledger.spent("ann"), cache.find("a")) == (0, "")


def test_the_same_question_of_the_same_passages_is_not_paid_twice(asking: Asking) -> None:
    with asking(lambda asked: GOOD, model_cache_days=1) as (bot, server):
        first, second = bot.ask(FERRIES), bot.ask(FERRIES)
        assert len(server.asked) == 1
        assert second.text == first.text
        assert second.usage and (second.usage.cached, second.usage.calls, second.usage.prompt_tokens) == (True, 0, 0)
        bot.ask("How many ferries run between Oldquay and Stonham?")
        assert len(server.asked) == 2


def test_what_was_cut_off_or_is_too_old_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    now = [0.0]
    cache = Cache(tmp_path / "models.db", days=2, now=lambda: now[0])
    cache.keep("key", "said")
    now[0] = 86_400
    assert cache.find("key") == "said"
    now[0] = 3 * 86_400
    assert cache.find("key") == ""

    replies: Iterator[Reply] = iter([Reply("cut", ends="length"), Reply("whole")])
    with scripted(lambda asked: next(replies)) as server:
        model = a_model(f"{server.url}/v1", tmp_path)
        errands = [Errand(model), Errand(model), Errand(model)]
        assert [one.whole([("system", "s"), ("user", "u")], {}) for one in errands] == ["cut", "whole", "whole"]
    assert [one.usage.cached for one in errands] == [False, False, True]


def a_model(url: str, tmp_path: Path, **limits: float) -> Model:
    from bot.models.open import opening

    one = named(url)
    kept = tmp_path / "kept.db"
    make: Callable[[], object] = opening(one, seconds=5)
    return Model(one, make, Limits(**limits), Prices(), Ledger(kept), Cache(kept, days=1))  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", ["gpt-5", "openai:", "mystery:model", "http://", "https:///v1"])
def test_a_setting_that_means_no_model_is_refused_with_what_to_do(setting: str) -> None:
    with pytest.raises(SettingsError, match="CITEWELL_ANSWERER"):
        named(setting)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.models.open.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'citewell\[anthropic\]'"):
        named("anthropic:claude-test")


def test_doctor_asks_the_model_for_a_word(citewell: Run) -> None:
    with scripted(lambda asked: "ready") as server:
        done = citewell("doctor", CITEWELL_ANSWERER=f"{server.url}/v1#tiny")
    assert "openai-compatible:tiny answers in" in done.stdout
    done = citewell("doctor", CITEWELL_ANSWERER=DEAD)
    assert "openai-compatible:default can't be reached. Answers are made without it" in done.stdout
    assert done.returncode == 1


def test_a_service_whose_model_is_away_answers_all_the_same(asking: Asking, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        return Reply(status=404)

    with asking(script) as (bot, _), serving(replace(bot), tmp_path / "served") as client:
        answer = client.post("/v1/ask", json={"question": FERRIES}).json()
        metrics = client.get("/metrics").text
    assert answer["status"] == "answered" and "isn't there" in answer["notice"]
    assert 'citewell_model_answers_total{model="openai-compatible:scripted",outcome="ModelAway"}' in metrics
