"""Fill the templates of the pages."""

import re
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.adapters.http.wire import address_of, place_of

PAGE = Path(__file__).parent.parent / "page"
# Everything is escaped: by default only files that end in .html are.
_TEMPLATES = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(PAGE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
)
_TEMPLATES.env.globals["address"] = address_of
_TEMPLATES.env.globals["place"] = lambda citation: place_of(citation["document_id"], citation["start"], citation["end"])

_TEMPLATES.env.globals["pair_of"] = lambda answer, conflict: pair_of(answer, conflict)
_TEMPLATES.env.filters["unbarred"] = lambda quote: unbarred(quote)


def pair_of(answer: dict[str, Any], conflict: dict[str, Any]) -> list[dict[str, Any]]:
    """The citations that differ, the latest first: an earlier one is said after the one it differs from."""
    cited = {citation["number"]: citation for citation in answer["citations"]}
    earlier = {one["number"] for one in answer["conflicts"]}
    latest: list[int] = []
    for sentence in answer["sentences"]:
        if conflict["number"] in sentence["citations"]:
            break
        if sentence["citations"] and sentence["citations"][0] not in earlier:
            latest = [sentence["citations"][0]]
    return [cited[number] for number in (*latest, conflict["number"])]


def unbarred(quote: str) -> str:
    """A quoted row of a Markdown table without the bars at its ends.

    >>> unbarred("| Ann | Chair |"), unbarred("Ann chairs it.")
    ('Ann | Chair', 'Ann chairs it.')
    """
    found = re.fullmatch(r"\|\s*([^\n]*?)\s*\|", quote)
    return found[1] if found else quote


def static_files() -> StaticFiles:
    """Style sheets, scripts and pictures of the pages."""
    return StaticFiles(directory=PAGE / "static")


def shown(request: Request, name: str, told: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    """Fill a template."""
    return _TEMPLATES.TemplateResponse(request, f"{name}.html.jinja", told, status_code=status)


def wants_page(request: Request) -> bool:
    """Whether a person reads what comes back."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")
