"""Fill the templates of the pages."""

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


def static_files() -> StaticFiles:
    """Style sheets, scripts and pictures of the pages."""
    return StaticFiles(directory=PAGE / "static")


def shown(request: Request, name: str, told: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    """Fill a template."""
    return _TEMPLATES.TemplateResponse(request, f"{name}.html.jinja", told, status_code=status)


def wants_page(request: Request) -> bool:
    """Whether a person reads what comes back."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")
