"""What chat models are told, a file each. A changed text gets a new number, and its old answers are no longer used."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

Name = Literal["answer", "repair", "understand"]

# The name of a file is its version: it is in every answer's cache key, since the text is.
FILES: dict[Name, str] = {"answer": "answer.v1.md", "repair": "repair.v1.md", "understand": "understand.v1.md"}


@lru_cache
def prompt(name: Name) -> str:
    """The text of a prompt."""
    return (Path(__file__).parent / FILES[name]).read_text(encoding="utf-8").strip()
