"""The pages that people read: ask and read without JavaScript, and each document with the quotation in it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.adapters.http.asking import unless_gone
from bot.adapters.http.callers import COOKIE, MayAsk, may
from bot.adapters.http.pages import shown
from bot.adapters.http.problem import Problem
from bot.adapters.http.problems import problem_of
from bot.adapters.http.reading import parts_of
from bot.adapters.http.routes_ask import GONE
from bot.adapters.http.routes_documents import no_document
from bot.adapters.http.service import Service, Serving
from bot.adapters.http.wire import wire_answer
from bot.errors import NotYours, QuestionError
from bot.types import Answer
from ingest.index import Index
from ingest.types import Document

MONTH = 30 * 24 * 60 * 60  # seconds until the page asks for the key again

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(may("ask"))])
async def page(request: Request, service: Serving) -> Response:
    """The page to ask at."""
    return _asked(request, service)


@router.post("/")
async def ask(
    request: Request,
    service: Serving,
    caller: MayAsk,
    question: Annotated[str, Form()] = "",
    conversation_id: Annotated[str, Form(pattern=r"^[A-Za-z0-9_.:-]{0,128}$")] = "",
) -> Response:
    """The form of the page, for browsers without JavaScript."""
    service.admit(request, caller)
    running = service.asking.begin(service.question(caller, question, conversation_id))
    try:
        answer = await unless_gone(request, running)
    except (QuestionError, NotYours) as error:
        problem = problem_of(error)
        return _asked(request, service, question=question, problem=problem.detail, status=problem.status_code)
    if answer is None:
        return Response(status_code=GONE)
    service.note(request, answer, "page")
    newer = _newer(service.index_for(caller), answer)
    return _asked(request, service, question=question, answer=wire_answer(answer), newer=newer)


def _newer(index: Index, answer: Answer) -> dict[str, list[Document]]:
    """The documents that took the place of those cited."""
    cited = filter(None, (index.document(citation.document_id) for citation in answer.citations))
    return {one.id: [newer for newer in map(index.document, one.superseded_by) if newer] for one in cited}


@router.get("/documents/{document_id:path}")
def document(
    request: Request,
    document_id: str,
    service: Serving,
    caller: MayAsk,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """A document; with `?start=&end=` those characters are marked, and `#p-START` leads to a place."""
    index = service.index_for(caller)
    found = index.document(document_id)
    if found is None:
        raise no_document()
    quoted = (start, end) if start < end <= len(found.text) else None
    told = {
        "document": found,
        "superseded_by": [one for one in map(index.document, found.superseded_by) if one],
        "parts": parts_of(found.id, found.text, index.passages_of(found.id), quoted),
        "quoted": quoted,
    }
    return shown(request, "document", told)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Where the page asks for an API key."""
    return shown(request, "sign_in", {"problem": ""})


@router.post("/sign-in")
async def sign_in(request: Request, service: Serving, key: Annotated[str, Form()] = "") -> Response:
    """Keep an API key in a cookie that no script can read and no other site can send."""
    try:
        service.callers.of(key.strip())
    except Problem as problem:
        told = {"problem": "This key doesn't work. Check that all of it was copied, or ask for a new one."}
        return shown(request, "sign_in", told, status=problem.status_code)
    response = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, key.strip(), max_age=MONTH, httponly=True, samesite="strict", secure=secure)
    return response


@router.post("/sign-out")
async def sign_out() -> Response:
    """Forget the key."""
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _asked(
    request: Request,
    service: Service,
    *,
    question: str = "",
    answer: dict[str, Any] | None = None,
    newer: dict[str, list[Document]] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    told = {
        "question": question,
        "answer": answer,
        "newer": newer or {},
        "problem": problem,
        "signed_in": service.callers.need_keys,
    }
    return shown(request, "ask", told, status=status)
