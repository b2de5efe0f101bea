"""Ask a chat model for texts, within the limits of one answer."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessageChunk
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from bot.errors import BudgetSpent, ModelError, NoKey
from bot.models.breaker import Breaker
from bot.models.cache import Cache, key_of
from bot.models.failures import NotUnderstood, failure_of, is_worth_another_try, wait_asked_for
from bot.models.ledger import Ledger
from bot.models.limits import PIECE, Limits, Prices, tokens_in
from bot.models.open import Messages, Named, Opened, Shape, opening
from bot.models.pump import pumped
from bot.types import Usage

LOG = logging.getLogger(__name__)
TRIES = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0  # seconds; the pauses between tries are drawn at random up to twice as long each
MOST_SAID = 1200  # tokens of one text: four times what the longest answer takes
LEAST_SAID = 200  # ... without room for which asking is in vain
CUT = frozenset(("length", "max_tokens"))
REFUSED = frozenset(("refusal", "content_filter"))


@dataclass(frozen=True, slots=True)
class Model:
    """A chat model with what is shared by all answers: breaker, ledger, cache."""

    named: Named
    opened: Callable[[], Opened]
    limits: Limits
    prices: Prices
    ledger: Ledger
    cache: Cache
    breaker: Breaker = field(default_factory=Breaker)
    pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE)
    loose: list[bool] = field(
        default_factory=list
    )  # has an entry once the server was found not to hold texts to a shape

    @property
    def label(self) -> str:
        """What an answer calls it."""
        return self.named.label


def model_of(named: Named, *, limits: Limits, prices: Prices, ledger: Ledger, cache: Cache) -> Model:
    """A model that is opened when it is first asked, and then kept; one that can't be opened is tried again."""
    make = opening(named, seconds=limits.seconds)
    kept: list[Opened] = []

    def opened() -> Opened:
        if not kept:
            kept[:] = [make()]
        return kept[0]

    return Model(named, opened, limits, prices, ledger, cache)


class Errand:
    """What is asked of a model for one answer: it has one deadline and one budget, and `usage` sums it up."""

    def __init__(self, model: Model, *, asker: str = "") -> None:
        self._model = model
        self._asker = asker
        self._deadline = 0.0  # from the first call on
        self.usage = Usage(model.label)
        self.refused = False
        self.cut_off = False

    @property
    def left(self) -> int:
        """Tokens that this answer may still take."""
        return self._model.limits.answer_tokens - self.usage.prompt_tokens - self.usage.completion_tokens

    def whole(self, messages: Messages, shape: Shape) -> str:
        """A text when it is finished."""
        return "".join(self.say(messages, shape))

    def say(self, messages: Messages, shape: Shape) -> Iterator[str]:
        """A text as it is made; raises `ModelError` where none can be had.

        What breaks after the text began ends it there, and `cut_off` is set.
        """
        key = key_of(self._model.label, messages, shape)
        known = self._model.cache.find(key)
        if known:
            self._note(cached=self.usage.calls == 0)
            yield known
            return
        room = self._room(messages)
        self._model.breaker.check()
        self.refused = self.cut_off = False
        said: list[str] = []
        counted = _Counted()
        try:
            for chunk in self._chunks(messages, shape, room):
                counted.read(chunk)
                text = text_of(chunk)
                if not text:
                    continue
                said.append(text)
                yield text
                if sum(map(len, said)) > room * PIECE * 2:  # it goes on and on, whatever it was told
                    counted.cut_off = True
                    break
        except ModelError as error:
            self._fail(error)
            if not said:
                raise
            counted.cut_off = True
        else:
            self._model.breaker.succeeded()
        finally:
            self._spend(messages, "".join(said), counted)
        self.cut_off, self.refused = counted.cut_off or not counted.ended, counted.refused
        if said and not (self.cut_off or self.refused):
            self._model.cache.keep(key, "".join(said))

    def _room(self, messages: Messages) -> int:
        limits = self._model.limits
        self._model.ledger.check(self._asker, day_tokens=limits.day_tokens, user_tokens=limits.user_tokens)
        room = min(MOST_SAID, self.left - tokens_in("".join(text for _, text in messages)))
        if room < LEAST_SAID:
            raise BudgetSpent("has used the tokens that one answer may take")
        return room

    def _chunks(self, messages: Messages, shape: Shape, room: int) -> Iterator[AIMessageChunk]:
        """The chunks of a text. What fails before the first may be tried again; a shape not held to is asked for."""
        try:
            yield from self._tried(messages, shape, room, strict=not self._model.loose)
        except NotUnderstood:
            if self._model.loose:
                raise
            yield from self._tried(messages, shape, room, strict=False)
            self._model.loose.append(True)

    def _tried(self, messages: Messages, shape: Shape, room: int, *, strict: bool) -> Iterator[AIMessageChunk]:
        def begun() -> tuple[AIMessageChunk | None, Iterator[AIMessageChunk]]:
            stream = pumped(
                lambda: opened.stream(messages, shape, max_tokens=room, strict=strict),
                deadline=self._deadline,
            )
            return next(stream, None), stream

        try:
            opened = (
                self._model.opened()
            )  # a second for the first import of its package, which is not the model's fault
            self._deadline = self._deadline or time.monotonic() + self._model.limits.seconds
            retrying = Retrying(
                stop=stop_after_attempt(TRIES),
                wait=self._pause,
                retry=retry_if_exception(lambda error: is_worth_another_try(error) and self._has_time(error)),
                reraise=True,
            )
            first, rest = retrying(begun)
            if first is not None:
                yield first
            yield from rest
        except Exception as error:
            failure = failure_of(error)
            LOG.warning("The chat model %s %s (%s).", self._model.label, failure, type(error).__name__)
            raise failure from error

    def _pause(self, state: RetryCallState) -> float:
        asked = wait_asked_for(state.outcome.exception() if state.outcome else None)
        first, longest = self._model.pauses
        return float(max(asked, wait_random_exponential(multiplier=first, max=longest)(state)))

    def _has_time(self, error: BaseException) -> bool:
        return time.monotonic() + wait_asked_for(error) + self._model.pauses[0] < self._deadline

    def _fail(self, error: ModelError) -> None:
        if isinstance(error, (NotUnderstood, BudgetSpent)):
            return
        self._model.breaker.failed(for_good=isinstance(error, NoKey))

    def _spend(self, messages: Messages, said: str, counted: "_Counted") -> None:
        prompt = counted.prompt or (tokens_in("".join(text for _, text in messages)) if said else 0)
        completion = counted.completion or tokens_in(said)
        if prompt + completion:
            self._model.ledger.add(self._asker, prompt + completion)
        self._note(prompt=prompt, completion=completion)

    def _note(self, *, prompt: int = 0, completion: int = 0, cached: bool = False) -> None:
        before, now = self.usage, (prompt, completion)
        self.usage = Usage(
            before.model,
            before.calls + (not cached and bool(sum(now))),
            before.prompt_tokens + prompt,
            before.completion_tokens + completion,
            round(before.cost + self._model.prices.cost(*now), 8),
            cached,
        )


@dataclass(slots=True)
class _Counted:
    """What the chunks of a text say beside it."""

    prompt: int = 0
    completion: int = 0
    ended: bool = False  # by itself; a connection that is lost ends a stream too, and says no reason
    cut_off: bool = False
    refused: bool = False

    def read(self, chunk: AIMessageChunk) -> None:
        if chunk.usage_metadata:
            self.prompt += chunk.usage_metadata["input_tokens"]
            self.completion += chunk.usage_metadata["output_tokens"]
        about: dict[str, Any] = {**chunk.response_metadata, **chunk.additional_kwargs}
        ends = {about.get(name) for name in ("finish_reason", "stop_reason", "done_reason")}
        self.ended = self.ended or any(ends)
        self.cut_off = self.cut_off or bool(ends & CUT)
        self.refused = self.refused or bool(ends & REFUSED) or bool(about.get("refusal"))


def text_of(chunk: AIMessageChunk) -> str:
    """The text of a chunk, be it said plainly or as the argument of a tool."""
    arguments = "".join(part.get("args") or "" for part in chunk.tool_call_chunks)
    return f"{chunk.text}{arguments}"


def tried(model: Model) -> str:
    """Ask for one word, to see that it answers; raises `ModelError`."""
    began = time.perf_counter()
    Errand(replace(model, cache=Cache(Path(), days=0))).whole([("user", "Say the word: ready")], {})
    return f"{model.label} answers in {time.perf_counter() - began:.1f} s"
