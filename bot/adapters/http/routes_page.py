"""The pages that people read: ask and read without JavaScript, and each document with the quotation in it."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.adapters.http.asking import ask_of, unless_gone
from bot.adapters.http.problems import problem_of
from bot.adapters.http.reading import pieces_of
from bot.adapters.http.routes_ask import GONE
from bot.adapters.http.routes_documents import no_document
from bot.adapters.http.service import Caller, Service, caller_with, service_of
from bot.adapters.http.wire import address_of, place_of, wire_answer
from bot.errors import QuestionError

PAGE = Path(__file__).parent.parent / "page"
TEMPLATES = Jinja2Templates(PAGE / "templates")
TEMPLATES.env.trim_blocks = TEMPLATES.env.lstrip_blocks = True
TEMPLATES.env.globals["address"] = address_of
TEMPLATES.env.globals["place"] = lambda citation: place_of(citation["document_id"], citation["start"], citation["end"])

router = APIRouter(include_in_schema=False)
Serving = Annotated[Service, Depends(service_of)]
Asking = Annotated[Caller, Depends(caller_with("ask"))]


def static_files() -> StaticFiles:
    """Style sheets, scripts and pictures of the pages."""
    return StaticFiles(directory=PAGE / "static")


@router.get("/")
async def page(request: Request, service: Serving, caller: Asking) -> Response:
    return shown(request, "ask", {"question": "", "answer": None, "problem": ""})


@router.post("/")
async def asked(
    request: Request,
    service: Serving,
    caller: Asking,
    question: Annotated[str, Form()] = "",
    conversation_id: Annotated[str, Form(pattern=r"^[A-Za-z0-9_.:-]{0,128}$")] = "",
) -> Response:
    """The form of the page, for browsers without JavaScript."""
    work = ask_of(service.bot, question, conversation_id=conversation_id, audiences=caller.audiences)
    try:
        answer = await unless_gone(request, service.asking.begin(work))
    except QuestionError as error:
        told = {"question": question, "answer": None, "problem": problem_of(error).detail}
        return shown(request, "ask", told, status=422)
    if answer is None:
        return Response(status_code=GONE)
    return shown(request, "ask", {"question": question, "answer": wire_answer(answer), "problem": ""})


@router.get("/documents/{document_id:path}")
def document(
    request: Request,
    document_id: str,
    service: Serving,
    caller: Asking,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """A document; with `?start=&end=` those characters are marked, and `#p-START` leads to a place."""
    catalog = service.bot.index.catalog
    found = catalog.document(document_id)
    if found is None:
        raise no_document()
    quoted = (start, end) if start < end <= len(found.text) else None
    newer = [one for one in map(catalog.document, found.superseded_by) if one]
    told = {
        "document": found,
        "superseded_by": newer,
        "pieces": pieces_of(found.text, catalog.passages_of(found.id), quoted),
        "quoted": quoted,
    }
    return shown(request, "document", told)


def shown(request: Request, name: str, told: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    """Fill a template."""
    return TEMPLATES.TemplateResponse(request, f"{name}.html.jinja", told, status_code=status)
