"""OpenAI's official client, with Citewell as its model."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from http_parts import QUESTION, Held, serving
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

from bot.adapters.http.keys import Keys
from bot.assemble import Bot

BOARD = "When did the Integrated Care Board begin to operate?"


@pytest.fixture(scope="module")
def client(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    with serving(bot, tmp_path_factory.mktemp("service")) as service:
        yield of(service)


def of(service: httpx.Client, key: str = "not-needed") -> OpenAI:
    return OpenAI(base_url=f"{service.base_url}/v1", api_key=key, max_retries=0)


def user(text: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": text}


def test_an_answer_has_its_sources_below_the_text_and_in_a_field(client: OpenAI, bot: Bot) -> None:
    completion = client.chat.completions.create(model="citewell", messages=[user(QUESTION)], temperature=0.3)
    content, answer = completion.choices[0].message.content or "", completion.model_extra["citewell"]
    assert content.startswith(bot.ask(QUESTION).text)
    for citation in answer["citations"]:
        assert f"[{citation['number']}] {citation['title']}" in content
        assert " ".join(citation["quote"].split()) in content
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens > 10


def test_a_stream_says_the_same_sentence_by_sentence(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="citewell", messages=[user(QUESTION)])
    chunks = list(
        client.chat.completions.create(
            model="citewell", messages=[user(QUESTION)], stream=True, stream_options={"include_usage": True}
        )
    )
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(pieces) == whole.choices[0].message.content
    answer = next(chunk.model_extra["citewell"] for chunk in chunks if "citewell" in (chunk.model_extra or {}))
    assert len(pieces) == len(answer["sentences"]) + 1, "each sentence, and the sources"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


def test_a_follow_up_is_understood_by_the_messages_before_it(client: OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "You are a pirate."},
        user("hello"),
        {"role": "assistant", "content": "Hello."},
        user(BOARD),
        {"role": "assistant", "content": "On 1 July 2022."},
        {"role": "user", "content": [{"type": "text", "text": "and who chairs it?"}]},
    ]
    completion = client.chat.completions.create(model="citewell", messages=messages)
    assert "Integrated Care Board" in completion.model_extra["citewell"]["standalone_question"]
    assert "pirate" not in completion.model_extra["citewell"]["standalone_question"]


def test_its_models_are_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["citewell"]


@pytest.mark.parametrize(
    "messages",
    [[], [{"role": "assistant", "content": "Hello."}], [{"role": "user", "content": "?"}], [{"role": "king"}]],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_question_is_an_error_that_the_client_knows(client: OpenAI, messages: list, stream: bool) -> None:
    with pytest.raises(openai.APIError) as raised:
        list(client.chat.completions.create(model="citewell", messages=messages, stream=stream))
    assert raised.value.message
    if not stream:
        assert isinstance(raised.value, openai.UnprocessableEntityError)
        assert raised.value.code in ("bad-request", "no-question")


def test_keys_and_a_full_queue_are_the_errors_that_the_client_knows(bot: Bot, tmp_path: Path) -> None:
    held = Held(bot)
    _, secret = Keys(tmp_path / "keys.json").create("x", scopes=("ask",), audiences=None)
    with serving(
        held.bot, tmp_path, keys="required", max_asks=1, max_waiting=0, ask_timeout=1, rate="2/hour"
    ) as service:
        with pytest.raises(openai.AuthenticationError, match="doesn't work"):
            of(service, "sk-wrong").models.list()
        streams = of(service, secret).chat.completions
        with streams.create(model="citewell", messages=[user(QUESTION)], stream=True) as stream:
            assert held.begun.wait(5)
            with pytest.raises(openai.InternalServerError, match="Too many questions are being answered"):
                streams.create(model="citewell", messages=[user(QUESTION)])
            with pytest.raises(openai.RateLimitError, match="more than 2 questions in one hour"):
                streams.create(model="citewell", messages=[user(QUESTION)])
            with pytest.raises(openai.APIError, match="within 1 seconds"):
                list(stream)
        held.go.set()
