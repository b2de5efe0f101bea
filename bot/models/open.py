"""Open the chat model that a setting names, by LangChain's `init_chat_model`: the only file that knows providers.

`openai:gpt-…`, `anthropic:claude-…`, `ollama:llama…`, or the base URL of a server that speaks OpenAI's protocol, with
the model's name behind `#` where it has several: `http://localhost:8000/v1#qwen`.
"""

import os
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import Runnable

from bot.errors import NoKey
from ingest.errors import SettingsError

PACKAGES = {"openai": "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
URL = re.compile(r"https?://", re.IGNORECASE)
CONTEXT = 8192  # tokens that Ollama gives a model; its own default cuts prompts off silently

Messages = list[tuple[str, str]]
Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A provider, a model of it, and the server where it is another than the provider's own."""

    provider: str
    model: str
    base_url: str = ""

    @property
    def label(self) -> str:
        """What an answer calls it: no address of a server."""
        return f"{'openai-compatible' if self.base_url else self.provider}:{self.model}"


def named(setting: str) -> Named:
    """Read a setting; raise `SettingsError` where no model can be meant or its package is missing.

    >>> named("http://localhost:8000/v1#qwen").label
    'openai-compatible:qwen'
    """
    if URL.match(setting):
        address, _, model = setting.partition("#")
        if not urlsplit(address).hostname:
            raise SettingsError(f"CITEWELL_ANSWERER is '{setting}', which names no server.")
        one = Named("openai", model or "default", address.rstrip("/"))
    else:
        provider, _, model = setting.partition(":")
        if provider not in PACKAGES or not model:
            raise SettingsError(
                f"CITEWELL_ANSWERER is '{setting}'. Give extractive, openai:MODEL, anthropic:MODEL, ollama:MODEL, or "
                "the URL of a server that speaks OpenAI's protocol."
            )
        one = Named(provider, model)
    if find_spec(PACKAGES[one.provider]) is None:
        raise SettingsError(
            f"CITEWELL_ANSWERER is '{setting}', which needs a package. Run: pip install 'citewell[{one.provider}]'"
        )
    return one


@dataclass(frozen=True, slots=True)
class Opened:
    """A chat model that can be asked for texts of a shape (a JSON schema), at most so many tokens long."""

    provider: str
    is_own_server: bool
    chat: BaseChatModel

    def stream(self, messages: Messages, shape: Shape, *, max_tokens: int, strict: bool) -> Generator[AIMessageChunk]:
        """Ask; `strict` asks the server to hold the text to the shape, which not all can."""
        given = _bound(self, shape if strict else {}, max_tokens)
        for chunk in given.stream(messages):
            assert isinstance(chunk, AIMessageChunk)  # noqa: S101
            yield chunk


def opening(one: Named, *, seconds: float) -> Callable[[], Opened]:
    """Open it when it is first needed, since its package takes a second to import; raises `NoKey`."""

    def opened() -> Opened:
        from langchain.chat_models import init_chat_model

        key = KEYS.get(one.provider, "")
        if key and not one.base_url and not os.environ.get(key):
            raise NoKey(f"has no key: set {key}")
        chat = init_chat_model(one.model, model_provider=one.provider, **_options(one, seconds))
        return Opened(one.provider, bool(one.base_url), chat)

    return opened


def _options(one: Named, seconds: float) -> dict[str, Any]:
    # Tries and their pauses are counted in one place, `bot.models.ask`.
    match one.provider:
        case "ollama":
            return {"client_kwargs": {"timeout": seconds}}
        case "anthropic":
            return {"timeout": seconds, "max_retries": 0}
        case _:
            own = {"base_url": one.base_url, "api_key": os.environ.get("OPENAI_API_KEY") or "none", "temperature": 0}
            common = {"timeout": seconds, "max_retries": 0, "use_responses_api": False, "stream_usage": True}
            return {**common, **(own if one.base_url else {})}


def _bound(opened: Opened, shape: Shape, max_tokens: int) -> Runnable[Any, Any]:
    chat = opened.chat
    match opened.provider:
        case "ollama":
            options = {"num_predict": max_tokens, "num_ctx": CONTEXT, "temperature": 0}
            return chat.bind(options=options, **({"format": shape} if shape else {}))
        case "anthropic":
            if not shape:
                return chat.bind(max_tokens=max_tokens)
            tool = {"name": "answer", "description": "Give the answer.", "input_schema": shape}
            choice: Any = {"type": "tool", "name": "answer"}
            return chat.bind_tools([tool], tool_choice=choice, max_tokens=max_tokens)
        case _:
            held = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": shape}}
            # In the body as it is: handed to the client as `response_format`, a text that is cut off would be an error.
            body: dict[str, Any] = {"response_format": held} if shape else {}
            if opened.is_own_server:
                return chat.bind(extra_body={**body, "max_tokens": max_tokens})  # older servers know only this name
            return chat.bind(max_tokens=max_tokens, extra_body=body)
