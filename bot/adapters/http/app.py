"""Build the service around a bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bot.adapters.http import problems, routes_ask, routes_documents, routes_operations, routes_page
from bot.adapters.http.asking import Asking
from bot.adapters.http.outside import Outside
from bot.adapters.http.service import Service
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot

ROUTES = (routes_ask, routes_documents, routes_operations, routes_page)


def create_app(bot: Bot, settings: ServiceSettings) -> FastAPI:
    """Build the service; it opens nothing that `bot` has not opened already."""
    asking = Asking(at_once=settings.max_asks, waiting=settings.max_waiting, timeout=settings.ask_timeout)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        asking.close()

    app = FastAPI(
        title="Citewell",
        summary="Answers from your documents, every sentence backed by a quotation.",
        version="1",
        lifespan=lifespan,
        max_body_size=settings.max_body,
        responses={"4XX": {"model": problems.WireProblem}, "5XX": {"model": problems.WireProblem}},
    )
    app.state.service = Service(bot, settings, asking)
    problems.handle(app)
    for module in ROUTES:
        app.include_router(module.router)
    app.mount("/static", routes_page.static_files())
    app.add_middleware(Outside, settings=settings)
    return app
