"""Build the service around a bot."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool

from bot.adapters.http import (
    pages,
    problems,
    routes_ask,
    routes_chat,
    routes_conversations,
    routes_documents,
    routes_manual,
    routes_onboarding,
    routes_operations,
    routes_page,
)
from bot.adapters.http.admission import COLLECTOR
from bot.adapters.http.asking import Asking
from bot.adapters.http.callers import Callers
from bot.adapters.http.description import described
from bot.adapters.http.keys import Keys
from bot.adapters.http.limits import Rate
from bot.adapters.http.metrics import Metrics
from bot.adapters.http.outside import Outside
from bot.adapters.http.readiness import Readiness
from bot.adapters.http.replays import Replays
from bot.adapters.http.service import Service
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot
from bot.memory.store import Store

ROUTES = (
    routes_ask,
    routes_conversations,
    routes_documents,
    routes_manual,
    routes_onboarding,
    routes_chat,
    routes_operations,
    routes_manual,
    routes_page,
)


def create_app(bot: Bot, store: Store, settings: ServiceSettings, *, also: Sequence[APIRouter] = ()) -> FastAPI:
    """Build the service; `store` is the bot's memory. It opens nothing that they have not opened already.

    `also` are routes of other adapters; their lifespans are the service's.
    """
    asking = Asking(at_once=settings.max_asks, waiting=settings.max_waiting, timeout=settings.ask_timeout)
    metrics = Metrics()
    callers = Callers(Keys(settings.keys_path), settings)
    rate, replays, readiness = Rate(settings.rate), Replays(), Readiness(bot, store)
    service = Service(bot, store, settings, callers, asking, rate, replays, metrics, readiness)
    metrics.watch("citewell_waiting_asks", "Questions that wait for their turn", lambda: asking.waiting)
    metrics.watch("citewell_documents", "Documents in the index", lambda: len(bot.index.documents()))
    metrics.watch("citewell_passages", "Passages in the index", bot.index.count_passages)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(bot.answer, "Is everything loaded?")  # so that the first caller need not wait for it
        with store.tidied_daily():
            yield
        asking.close()

    app = FastAPI(
        title="Citewell",
        summary="Answers from your documents, every sentence backed by a quotation.",
        version=version("citewell"),
        lifespan=lifespan,
        docs_url=None,  # routes_manual has a page that needs no script from elsewhere
        redoc_url=None,
        telemetry={"auto_configure": COLLECTOR in os.environ, "logs": False},
    )
    app.state.service = service
    app.openapi = described(app)  # type: ignore[method-assign]
    problems.handle(app)
    for module in ROUTES:
        app.include_router(module.router)
    for router in also:
        app.include_router(router)
    app.mount("/static", pages.static_files())
    app.add_middleware(Outside, settings=settings, metrics=metrics)
    return app
