"""For whoever runs the service: is it alive, is it ready."""

from typing import Annotated

from fastapi import APIRouter, Depends

from bot.adapters.http.service import Service, service_of

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Is the service alive?")
async def alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz", summary="Can it answer?")
def ready(service: Annotated[Service, Depends(service_of)]) -> dict[str, str | int]:
    catalog = service.bot.index.catalog
    return {"status": "ready", "documents": len(catalog.hashes()), "passages": catalog.count_passages()}
