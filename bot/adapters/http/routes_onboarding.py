"""The path for new starters: its steps, and how far the caller came."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from bot.adapters.http.callers import MayAsk
from bot.adapters.http.problem import Problem
from bot.adapters.http.service import Serving
from bot.adapters.http.wire import wire_citation
from bot.onboarding import steps_for
from bot.types import Citation

router = APIRouter(tags=["onboarding"])


class WireStep(BaseModel):
    """A step: what to know, where it stands, and what to ask next."""

    id: str
    title: str
    text: str
    citations: list[Citation]
    questions: list[str]


class Progress(BaseModel):
    """How far the caller came: the ids of the steps done, of how many."""

    done: list[str]
    total: int


class Onboarding(BaseModel):
    """The path. Without any steps there is none for these documents yet."""

    steps: list[WireStep]
    progress: Progress


@router.get("/v1/onboarding", summary="The path for new starters", response_model=Onboarding)
def onboarding(service: Serving, caller: MayAsk) -> dict[str, Any]:
    """The steps, with those that the caller has done."""
    steps = steps_for(service.settings.corpus, service.index_for(caller))
    known = [step.id for step in steps]
    done = [name for name in service.store.steps.done(caller.asker) if name in known]
    return {
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "text": step.text,
                "citations": [wire_citation(citation) for citation in step.citations],
                "questions": list(step.questions),
            }
            for step in steps
        ],
        "progress": {"done": done, "total": len(steps)},
    }


@router.put("/v1/onboarding/steps/{step_id}", summary="Mark a step as done", status_code=204)
def mark(step_id: Annotated[str, Path(max_length=200)], service: Serving, caller: MayAsk) -> Response:
    """Note that the caller has done a step; again is no harm."""
    steps = steps_for(service.settings.corpus, service.index_for(caller))
    if step_id not in [step.id for step in steps]:
        raise Problem(404, "no-step", "There is no such step. See /v1/onboarding for those there are.")
    service.store.steps.mark(caller.asker, step_id)
    return Response(status_code=204)
