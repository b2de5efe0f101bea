"""Say in one way what went wrong at a chat model, whoever's client raised it."""

import re

from langchain_core.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

from bot.errors import ModelAway, ModelBusy, ModelError, ModelSlow, NoKey

SLOW = re.compile(r"time.?out|timed out", re.IGNORECASE)
REFUSED = "says that its key is wrong or may not be used"


class NotUnderstood(ModelAway):
    """The server rejects the request; maybe because it can't hold texts to a shape."""


def failure_of(error: Exception) -> ModelError:
    """What an error of LangChain, a provider's client or the network means for the answer."""
    if isinstance(error, ModelError):
        return error
    status = getattr(error, "status_code", None)
    match error:
        case ModelAuthenticationError() | ModelPermissionDeniedError():
            return NoKey(REFUSED)
        case ModelRateLimitError():
            return ModelBusy("is asked too much just now")
        case ModelTimeoutError():
            return ModelSlow("took too long")
        case ModelNotFoundError():
            return ModelAway("isn't there under its name")
        case ModelInvalidRequestError():
            return NotUnderstood("did not understand the request")
        case ModelConnectionError() | ModelAPIError():
            return ModelAway("can't be reached")
    if isinstance(status, int) and status > 0:
        return _by_status(status)
    if SLOW.search(type(error).__name__) or SLOW.search(str(error)):
        return ModelSlow("took too long")
    return ModelAway("can't be reached")


def _by_status(status: int) -> ModelError:
    match status:
        case 401 | 403:
            return NoKey(REFUSED)
        case 404:
            return ModelAway("isn't there under its name")
        case 408 | 504:
            return ModelSlow("took too long")
        case 429:
            return ModelBusy("is asked too much just now")
        case 400 | 422:
            return NotUnderstood("did not understand the request")
        case _:
            return ModelAway("can't be reached")


def is_worth_another_try(error: BaseException) -> bool:
    """Whether the same may go well a moment later: too much asked (429), a server that fails (5xx), no connection."""
    if not isinstance(error, Exception):
        return False
    failure = failure_of(error)
    if isinstance(failure, (NoKey, NotUnderstood, ModelSlow)):
        return False
    return not (isinstance(error, ModelNotFoundError) or getattr(error, "status_code", None) == 404)


def wait_asked_for(error: BaseException | None) -> float:
    """The seconds that a server asks to wait (`Retry-After`), or 0."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", {}) or {}
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except ValueError:
        return 0.0
