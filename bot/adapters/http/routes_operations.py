"""For whoever runs the service: is it alive, is it ready, how is it going."""

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from bot.adapters.http.callers import may
from bot.adapters.http.service import Serving

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Is the service alive?")
async def alive() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "alive"}


@router.get("/readyz", summary="Can it answer?")
def ready(service: Serving) -> dict[str, str]:
    """Whether embedder, index and store are usable; 503 says what is not. No counts: anybody may ask this."""
    service.readiness.check()
    return {"status": "ready"}


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    dependencies=[Depends(may("admin"))],
    response_class=PlainTextResponse,
)
def metrics(service: Serving) -> Response:
    """Figures in the text format of Prometheus; with keys, one of the scope `admin` is needed."""
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
