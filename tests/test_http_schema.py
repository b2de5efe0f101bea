"""What OpenAPI says of the service holds: schemathesis makes requests from it, right ones and wrong ones."""

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from http_parts import serving
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.assemble import Bot

EXAMPLES = 8  # requests for each route
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def service(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(bot, tmp_path_factory.mktemp("service")) as client:
        yield client


def test_every_route_keeps_to_its_description(service: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        tried.append(operation.label)

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def kept_to(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        kept_to()
    assert len(tried) > 15


def test_every_description_has_a_sentence_and_every_request_an_example(service: httpx.Client) -> None:
    description = service.get("/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            assert route["description"], (method, path)
            body = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if body:
                name = body["$ref"].rpartition("/")[2]
                assert description["components"]["schemas"][name]["example"], (method, path)
