"""Errors on the wire: problem+json (RFC 9457) with a reference that the log has too."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.adapters.http.pages import shown, wants_page
from bot.adapters.http.problem import Problem
from bot.adapters.http.reference import reference_of
from bot.errors import NotYours, QuestionError, QuestionTooLong, StoreError
from ingest.errors import CitewellError

LOG = logging.getLogger("citewell.http")
NAMESPACE = "urn:citewell:problem:"


class WireProblem(BaseModel):
    """An error, as RFC 9457 puts it. Give `reference` to whoever runs the service: the log has it too."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{NAMESPACE}question-too-long",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "The question has 2,431 characters; 2,000 are the most. Ask about one thing at a time.",
                "reference": "5f0c2a9be1d4",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    reference: str
    errors: list[dict[str, str]] = Field(default=[], description="Which parts of the request are wrong, and how.")


class ProblemResponse(JSONResponse):
    """A response with a problem as its body."""

    media_type = "application/problem+json"


# Of statuses that a framework or a library raises by itself.
PLAIN: dict[int, tuple[str, str]] = {
    400: ("bad-request", "The request can't be read. Send valid JSON in UTF-8."),
    404: ("not-found", "There is nothing at this address. See /docs for what there is."),
    405: ("method-not-allowed", "This address doesn't take that method. See /docs for what it takes."),
    413: ("too-large", "The request is too large. Send one question of at most a page."),
}
# OpenAI's clients look for an error in a member of this name.
AS_OPENAI = ("/v1/chat/", "/v1/models")


def problem_of(error: Exception) -> Problem:
    """Say an error as a problem."""
    match error:
        case Problem():
            return error
        case QuestionTooLong():
            return Problem(422, "question-too-long", str(error))
        case QuestionError():
            return Problem(422, "no-question", str(error))
        case NotYours():
            return Problem(404, "unknown", str(error))
        case StoreError():
            return Problem(503, "store-unavailable", str(error), headers={"Retry-After": "5"})
        case CitewellError():
            return Problem(503, "not-ready", str(error), headers={"Retry-After": "5"})
        case HTTPException():
            name, detail = PLAIN.get(error.status_code, ("http-error", str(error.detail)))
            return Problem(error.status_code, name, detail, headers=error.headers)
        case _:
            return Problem(500, "unexpected", "Something went wrong here, and it is in the log. Try again in a while.")


def body_of(problem: Problem, reference: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of a problem on the wire."""
    wire = {
        "type": f"{NAMESPACE}{problem.name}",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
        "reference": reference,
    }
    return {**wire, "errors": errors} if errors else wire


def handle(app: FastAPI) -> None:
    """Let every error of an app go out as a problem, and into the log with its reference."""

    async def answered(request: Request, error: Exception) -> Response:
        return respond(request, problem_of(error), error)

    async def misread(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        problem, errors = _misread(request, error)
        return respond(request, problem, error, errors)

    for kind in (CitewellError, HTTPException, Exception):
        app.add_exception_handler(kind, answered)
    app.add_exception_handler(RequestValidationError, misread)


def respond(
    request: Request, problem: Problem, error: Exception, errors: list[dict[str, str]] | None = None
) -> Response:
    """Answer a request with a problem."""
    reference = reference_of(request.scope)
    log(problem, reference, error)
    request.app.state.service.metrics.refused(problem.name)
    if wants_page(request):
        if problem.status_code == HTTPStatus.UNAUTHORIZED:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        return shown(request, "problem", body_of(problem, reference), status=problem.status_code)
    body = body_of(problem, reference, errors)
    if request.url.path.startswith(AS_OPENAI):
        body["error"] = {"message": problem.detail, "type": problem.name, "param": None, "code": problem.name}
    return ProblemResponse(body, problem.status_code, headers=problem.headers)


def log(problem: Problem, reference: str, error: Exception) -> None:
    """Put into the log what is amiss here, rather than with the request."""
    if problem.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        unexpected = error if problem.name == "unexpected" else None
        LOG.error(problem.detail, extra={"reference": reference, "problem": problem.name}, exc_info=unexpected)


def _misread(request: Request, error: RequestValidationError) -> tuple[Problem, list[dict[str, str]]]:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem(400, "bad-json", 'The body is not valid JSON. Send an object such as {"question": "…"}.'), []
    kind = request.headers.get("content-type", "")
    if found and found[0]["loc"] == ("body",) and not kind.startswith("application/json"):
        return Problem(415, "not-json", "Send JSON, with the header Content-Type: application/json."), []
    errors = [{"where": _place(one["loc"]), "what": _plainly(one)} for one in found]
    first = errors[0]
    return Problem(422, "bad-request", f"'{first['where']}' can't be used: {first['what']}."), errors


def _place(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])


def _plainly(error: Mapping[str, Any]) -> str:
    # What was sent is left out: it may be a secret in the wrong place.
    return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
