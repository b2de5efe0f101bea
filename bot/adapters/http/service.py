"""The parts that routes share, and who is calling."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from bot.adapters.http.asking import Asking
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls. `asker` owns conversations; `audiences` are whose documents they may read, `None` for all."""

    asker: str = ""
    audiences: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset(("ask", "feedback", "admin"))


@dataclass(frozen=True, slots=True)
class Service:
    """The bot and what stands around it."""

    bot: Bot
    settings: ServiceSettings
    asking: Asking


def service_of(request: Request) -> Service:
    """The parts of the app that a request came to."""
    service: Service = request.app.state.service
    return service


def caller_with(scope: str) -> Callable[[Request], Caller]:
    """A dependency: who is calling, if they may do this."""

    def caller(request: Request) -> Caller:
        return Caller()

    return caller
