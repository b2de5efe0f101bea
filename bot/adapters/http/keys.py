"""API keys: who may ask, what they may do, and whose documents they may read.

They are kept in a file, hashed: a key is shown once, when it is made. The file is small, written whole, and read again
when it changed, so that a key that is revoked stops working at once.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingest.errors import CitewellError

SCOPES = ("ask", "feedback", "admin")
EVERYBODY = "*"  # instead of audiences: all documents
PREFIX = "cw"
PATIENCE = 5.0  # seconds for another `citewell keys`, which takes a few milliseconds


class KeysError(CitewellError):
    """The keys can't be read, written, or used like this."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `audiences` of `None` may read all documents."""

    id: str
    name: str
    scopes: frozenset[str]
    audiences: frozenset[str] | None
    created: str
    revoked: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    key: Key
    digest: str


class Keys:
    """The keys in a file. Threads may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], dict[str, _Kept]] = ((0, 0, 0), {})

    def create(self, name: str, *, scopes: Iterable[str], audiences: frozenset[str] | None) -> tuple[Key, str]:
        """Make a key; its secret is given here and never again."""
        unknown = set(scopes) - set(SCOPES)
        if unknown:
            raise KeysError(f"There is no scope '{min(unknown)}'. Choose among: {', '.join(SCOPES)}.")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        key = Key(secrets.token_hex(4), name, frozenset(scopes), audiences, made)
        secret = f"{PREFIX}_{key.id}_{secrets.token_urlsafe(32)}"
        self._change(lambda kept: {**kept, key.id: _Kept(key, _digest(secret))})
        return key, secret

    def revoke(self, key_id: str) -> Key:
        """Let a key work no longer; again is no harm."""
        at = datetime.now(UTC).isoformat(timespec="seconds")

        def revoked(kept: dict[str, _Kept]) -> dict[str, _Kept]:
            if key_id not in kept:
                raise KeysError(f"There is no key '{key_id}'. See: citewell keys list")
            one = kept[key_id]
            return {**kept, key_id: replace(one, key=replace(one.key, revoked=one.key.revoked or at))}

        return self._change(revoked)[key_id].key

    def listed(self) -> list[Key]:
        """All keys, also those revoked, the oldest first."""
        return sorted((one.key for one in self._kept().values()), key=lambda key: key.created)

    def find(self, secret: str) -> Key | None:
        """The key with this secret, unless it was revoked."""
        _, _, rest = secret.partition("_")
        kept = self._kept().get(rest.partition("_")[0])
        # 32 random bytes can't be guessed, so that a slow hash would protect nothing.
        if kept is None or kept.key.revoked or not hmac.compare_digest(kept.digest, _digest(secret)):
            return None
        return kept.key

    def _kept(self) -> dict[str, _Kept]:
        seen, kept = self._read
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return {}
        now = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if now != seen:
            kept = self._load()
            self._read = now, kept
        return kept

    def _load(self) -> dict[str, _Kept]:
        try:
            given = json.loads(self._path.read_text(encoding="utf-8"))
            return {one["id"]: _Kept(_key(one), one["sha256"]) for one in given["keys"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeysError(
                f"The keys in '{self._path}' can't be read ({type(error).__name__}). "
                "Put a copy in its place, or delete it and create keys again."
            ) from error

    def _change(self, change: Callable[[dict[str, _Kept]], dict[str, _Kept]]) -> dict[str, _Kept]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=PATIENCE):
                kept = change(self._load() if self._path.exists() else {})
                _write(self._path, {"keys": [{**_fields(one.key), "sha256": one.digest} for one in kept.values()]})
        except Timeout as error:
            raise KeysError(f"Somebody else is changing '{self._path}'. Try again.") from error
        except OSError as error:
            raise KeysError(
                f"The keys in '{self._path}' can't be written ({error.strerror}). Choose another with --data-dir."
            ) from error
        return kept


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _fields(key: Key) -> dict[str, Any]:
    audiences = None if key.audiences is None else sorted(key.audiences)
    return {**asdict(key), "scopes": sorted(key.scopes), "audiences": audiences}


def _key(given: dict[str, Any]) -> Key:
    audiences = None if given["audiences"] is None else frozenset(given["audiences"])
    return Key(given["id"], given["name"], frozenset(given["scopes"]), audiences, given["created"], given["revoked"])


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write the whole file or nothing, for its owner's eyes only (which is how `mkstemp` makes files)."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
