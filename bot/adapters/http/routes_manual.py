"""GET /docs: the manual of the API, from its OpenAPI description; without a script, and without another host."""

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.adapters.http.pages import shown

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def manual(request: Request) -> Response:
    """The routes with what they take, an example, and what they give."""
    description = request.app.openapi()
    return shown(request, "manual", {"about": description["info"], "sections": sections_of(description)})


def sections_of(description: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The routes of an OpenAPI description by their tags, as the page shows them."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            shown_route = {
                "name": f"{method.upper()} {path}",
                "summary": route.get("summary", ""),
                "text": route.get("description", ""),
                "parameters": [one for one in route.get("parameters", []) if one["in"] != "cookie"],
                "takes": _example(route.get("requestBody", {}), description),
                "gives": _example(route.get("responses", {}).get("200", {}), description),
            }
            sections.setdefault(route.get("tags", ["other"])[0], []).append(shown_route)
    return sections


def _example(message: dict[str, Any], description: dict[str, Any]) -> str:
    content = message.get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    found = content.get("example") or description["components"]["schemas"].get(name, {}).get("example")
    return json.dumps(found, indent=2, ensure_ascii=False) if found else ""
