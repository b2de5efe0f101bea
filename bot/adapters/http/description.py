"""The OpenAPI description: as FastAPI makes it, with our errors instead of its own, and the key."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bot.adapters.http.problems import ProblemResponse, WireProblem

OPEN = ("/healthz", "/readyz")  # asked by machines that have no key
TAKEN = {"4XX": "Something is wrong with the request.", "5XX": "It doesn't work at the moment."}


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A function that describes an app, made when it is first asked for."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _mended(
                get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            )
        return app.openapi_schema

    return description


def _mended(description: dict[str, Any]) -> dict[str, Any]:
    components = description.setdefault("components", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"]["Problem"] = WireProblem.model_json_schema()
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key; see `citewell keys create`."}
    }
    content = {ProblemResponse.media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in description["paths"].items():
        for route in methods.values():
            route["responses"].pop("422", None)
            for status, about in TAKEN.items():
                route["responses"][status] = {"description": about, "content": content}
            # Either: on the machine it runs on, a service needs no key by default.
            route["security"] = [] if path in OPEN else [{"key": []}, {}]
    return description
