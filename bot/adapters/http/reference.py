"""A reference for each request, the same in the response and in the log."""

import uuid
from collections.abc import MutableMapping
from typing import Any

KEY = "citewell.reference"
HEADER = b"x-reference"


def new_reference(scope: MutableMapping[str, Any]) -> str:
    """Give a request its reference."""
    reference = uuid.uuid4().hex[:12]
    scope[KEY] = reference
    return reference


def reference_of(scope: MutableMapping[str, Any]) -> str:
    """The reference of a request."""
    return str(scope.get(KEY) or new_reference(scope))
