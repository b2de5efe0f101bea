"""Tell who is calling, by an API key or by being on this machine, and what they may do."""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from bot.adapters.http.keys import SCOPES, Keys
from bot.adapters.http.problem import Problem
from bot.adapters.http.settings import ServiceSettings

COOKIE = "citewell_key"  # of the page, which can't send headers with its links
VISITOR = "citewell_visitor"  # tells those apart who come from elsewhere without a key, so that each has a history
YEAR = 365 * 24 * 60 * 60  # seconds
OPEN = frozenset({"staff"})  # what documents are for by default; all that is open without a key from elsewhere


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls. `asker` owns conversations; `audiences` are whose documents they may read, `None` for all."""

    asker: str = ""
    audiences: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset(SCOPES)


class Callers:
    """Knows callers by their keys."""

    def __init__(self, keys: Keys, settings: ServiceSettings) -> None:
        self._keys = keys
        self._needed = settings.needs_keys
        self._local = settings.is_local

    @property
    def need_keys(self) -> bool:
        """Whether a caller has to show a key."""
        return self._needed

    def identify(self, request: Request) -> Caller:
        """Tell who calls; raise `Problem` where a key is needed and none that works was shown."""
        if self._needed:
            return self.of(_shown(request))
        return Caller() if self._local else Caller(_visitor(request), OPEN, frozenset(("ask", "feedback")))

    def of(self, secret: str) -> Caller:
        """The caller with this key."""
        key = self._keys.find(secret) if secret else None
        if key is None:
            wrong = "This API key doesn't work: it was mistyped or revoked." if secret else "This needs an API key."
            raise Problem(
                401,
                "no-key",
                f"{wrong} Send one as: Authorization: Bearer KEY",
                headers={"WWW-Authenticate": 'Bearer realm="citewell"'},
            )
        return Caller(f"key:{key.id}", key.audiences, key.scopes)


def may(scope: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: who is calling, if they may do this."""

    async def caller(request: Request) -> Caller:
        found: Caller = request.app.state.service.callers.identify(request)
        if scope not in found.scopes:
            raise Problem(403, "no-scope", f"This API key may not do this. Create one with --scope {scope}.")
        return found

    return caller


def _visitor(request: Request) -> str:
    name = request.cookies.get(VISITOR, "")
    if not re.fullmatch("[0-9a-f]{32}", name):
        name = request.scope[VISITOR] = secrets.token_hex(16)
    return f"visitor:{name}"


def visitor_cookie(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The header that names a visitor who had no name yet."""
    if VISITOR not in scope:
        return []
    secure = "; Secure" if scope["scheme"] == "https" else ""
    cookie = f"{VISITOR}={scope[VISITOR]}; HttpOnly; Max-Age={YEAR}; Path=/; SameSite=strict{secure}"
    return [(b"set-cookie", cookie.encode())]


def _shown(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


MayAsk = Annotated[Caller, Depends(may("ask"))]
MayJudge = Annotated[Caller, Depends(may("feedback"))]
