"""What is raised to give a caller a problem instead of an answer."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException


class Problem(HTTPException):
    """What goes back to the caller instead of an answer: a status, a short name and one plain sentence."""

    def __init__(self, status: int, name: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.name = name
