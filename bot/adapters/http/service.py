"""The parts that routes share."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request

from bot.adapters.http.asking import Ask, Asking
from bot.adapters.http.callers import Caller, Callers
from bot.adapters.http.limits import Rate
from bot.adapters.http.metrics import Metrics
from bot.adapters.http.readiness import Readiness
from bot.adapters.http.replays import Replays
from bot.adapters.http.settings import ServiceSettings
from bot.adapters.http.traces import traced
from bot.assemble import Bot
from bot.memory.store import Store
from bot.types import Answer
from ingest.index import Index

NOTED = "citewell.noted"


@dataclass(frozen=True, slots=True)
class Service:
    """The bot and what stands around it."""

    bot: Bot
    store: Store
    settings: ServiceSettings
    callers: Callers
    asking: Asking
    rate: Rate
    replays: Replays
    metrics: Metrics
    readiness: Readiness

    def index_for(self, caller: Caller) -> Index:
        """The index as the caller may see it."""
        self.bot.index.follow()
        return self.bot.index.for_audiences(caller.audiences)

    def admit(self, request: Request, caller: Caller) -> None:
        """Count one ask of a caller; raise `Problem` where it is one too many."""
        if caller.asker.startswith("key:"):
            self.rate.count(caller.asker)
        elif caller.asker:  # a visitor, who gets a new name for the asking
            self.rate.count(request.client.host if request.client else "")

    def question(self, caller: Caller, question: str, conversation_id: str) -> Ask:
        """A question of a caller, to be asked later."""
        return partial(_ask, self.bot, question, conversation_id, caller)

    def note(self, request: Request, answer: Answer, way: str) -> None:
        """Count an answer, and let the log tell of it."""
        self.metrics.answered(answer, way)
        noted: dict[str, Any] = {
            "answer_id": answer.answer_id,
            "answer": answer.status,
            "timings_ms": answer.timings_ms,
        }
        if answer.usage:
            noted["model"] = asdict(answer.usage)
        if self.settings.log_questions:
            noted["question"] = answer.question
        request.scope.setdefault(NOTED, {}).update(noted)


def _ask(bot: Bot, question: str, conversation_id: str, caller: Caller, progress: Any) -> Answer:
    return traced(
        progress,
        lambda told: bot.ask(
            question,
            conversation_id=conversation_id,
            asker=caller.asker,
            audiences=caller.audiences,
            progress=told,
        ),
    )


async def service_of(request: Request) -> Service:
    """The parts of the app that a request came to."""
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(service_of)]
