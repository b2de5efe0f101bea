"""Settings of the service: where it listens, who may ask, and how much at once."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.settings import BotSettings
from bot.understand import MAX_QUESTION

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ServiceSettings(BotSettings):
    """Settings from the environment with the prefix `CITEWELL_`."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    allowed_hosts: str = ""  # names the service is reached by, with commas; empty: any, or on loopback its own
    keys: Literal["auto", "required", "off"] = "auto"
    rate: str = "120/minute"  # of asks, for each key; the library `limits` reads it
    max_body: int = Field(default=65_536, ge=MAX_QUESTION)  # bytes: a long conversation for /v1/chat/completions
    max_asks: int = Field(default=max(2, os.cpu_count() or 1), ge=1)  # at once: answering is work for the processor
    max_waiting: int = Field(default=64, ge=0)  # asks that wait for their turn: about three seconds of work
    ask_timeout: float = Field(default=30.0, gt=0)  # seconds until an answer
    body_timeout: float = Field(default=10.0, gt=0)  # seconds until a request has arrived whole
    drain_timeout: int = Field(default=30, ge=0)  # seconds that answers under way get when the service is stopped
    log_questions: bool = False
    log_format: Literal["text", "json"] = "json"

    @property
    def keys_path(self) -> Path:
        """The file that the API keys are kept in."""
        return self.data_dir / "keys.json"

    @property
    def hosts(self) -> frozenset[str]:
        """The names that the service is said to be reached by."""
        return frozenset(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the service: at another name, a proxy passes others on to it."""
        return (self.host in LOOPBACK or self.host.startswith("127.")) and self.hosts <= set(LOOPBACK)

    @property
    def needs_keys(self) -> bool:
        """Whether a caller has to show a key."""
        return self.keys == "required" or (self.keys == "auto" and not self.is_local)
