"""Open the model files that this package ships, or others in their place."""

import hashlib
from pathlib import Path
from typing import Any

from ingest.embed import open_session
from ingest.errors import WeightsError


def opened(path: Path, *, shipped: Path, what: str, setting: str) -> Any:
    """Open a model file; raise `WeightsError` where it is missing, damaged, or not the one that was shipped."""
    if not path.exists():
        raise WeightsError(f"The {what}'s file '{path.name}' is missing. Name another with {setting}, or set 'off'.")
    if path == shipped:
        right = shipped.with_suffix(".sha256").read_text().split()[0]
        if hashlib.sha256(path.read_bytes()).hexdigest() != right:
            raise WeightsError(f"The {what}'s file '{path.name}' was changed (SHA-256). Install Citewell again.")
    return open_session(path)
