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

MONTHS = "January February March April May June July August September October November December".split()
PAGE = Path(__file__).parent.parent / "page"
# Everything is escaped: by default only files that end in .html are.
_TEMPLATES = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(PAGE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
)
_TEMPLATES.env.globals["address"] = address_of
_TEMPLATES.env.globals["place"] = lambda citation: place_of(citation["document_id"], citation["start"], citation["end"])

_TEMPLATES.env.globals["pair_of"] = lambda answer, conflict: pair_of(answer, conflict)
_TEMPLATES.env.filters["in_words"] = lambda date: in_words(date)
_TEMPLATES.env.filters["readable"] = lambda quote: readable(quote)
_TEMPLATES.env.filters["words"] = lambda text: " ".join(re.findall(r"\w+", text))


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


def in_words(date: str) -> str:
    """A date of a document as people write it; what is no such date stays as it is.

    >>> in_words("2021-06-30"), in_words("2021-06"), in_words("2021"), in_words("spring")
    ('30 June 2021', 'June 2021', '2021', 'spring')
    """
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(?:-(\d{2}))?", date)
    if not found:
        return date
    month = f"{MONTHS[int(found[2]) - 1]} {found[1]}"
    return f"{int(found[3])} {month}" if found[3] else month


def readable(quote: str) -> str:
    """A quotation as a page shows it: its words, without the bars, bullets and stars of Markdown.

    >>> readable("| Ann | Chair |"), readable("Two **posts**:\\n\\n- Chair\\n- Clerk")
    ('Ann | Chair', 'Two posts:\\n• Chair\\n• Clerk')
    """
    shown = re.sub(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`|!?\[([^\]\n]+)\]\([^()\s]*\)", r"\1\2\3", quote)
    shown = re.sub(r"\n\s*[-*+][ \t]+", "\n• ", shown)
    row = re.fullmatch(r"\|\s*([^\n]*?)\s*\|", shown)
    return row[1] if row else shown


def static_files() -> StaticFiles:
    """Style sheets, scripts and pictures of the pages."""
    return StaticFiles(directory=PAGE / "static")


def shown(request: Request, name: str, told: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    """Fill a template."""
    return _TEMPLATES.TemplateResponse(request, f"{name}.html.jinja", told, status_code=status)


def wants_page(request: Request) -> bool:
    """Whether a person reads what comes back."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")
