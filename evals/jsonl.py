"""Read and write files of JSON, a value a line, in one form: the same values are the same bytes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from evals.errors import EvalError


def read(path: Path, *, error: type[EvalError] = EvalError) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with the numbers of their lines; raise `error` with the line that is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise error(f"'{path}' is not UTF-8 text. Save it as UTF-8.") from wrong
    except OSError as wrong:
        raise error(f"'{path}' can't be read ({wrong.strerror}). Check the name.") from wrong
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as wrong:
            raise error(
                f"'{path}', line {number}: this is not JSON ({wrong}). Write one JSON object on one line."
            ) from wrong
        if not isinstance(value, dict):
            raise error(f"'{path}', line {number}: this is no JSON object. Write it in braces: {{…}}.")
        yield number, value


def line(value: object) -> str:
    r"""One value as a line.

    >>> line({"b": 1, "a": "é"})
    '{"b": 1, "a": "é"}\n'
    """
    return json.dumps(value, ensure_ascii=False) + "\n"


def write(path: Path, values: Iterable[object]) -> None:
    """Write values to a file, a line each."""
    path.write_text("".join(map(line, values)), encoding="utf-8")


def write_one(path: Path, value: object) -> None:
    """Write one value to a file, for people to read."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_one(path: Path, *, error: type[EvalError] = EvalError) -> dict[str, Any]:
    """Read the one object of a file; raise `error` where there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise error(f"'{path}' can't be read ({wrong.strerror}). Check the name.") from wrong
    except ValueError as wrong:
        raise error(f"'{path}' is damaged: it is not JSON ({wrong}). Make it again.") from wrong
    if not isinstance(value, dict):
        raise error(f"'{path}' is damaged: it holds no JSON object. Make it again.")
    return value


def digest(values: Iterable[object]) -> str:
    """A short hash of values, the same for the same values in the same order."""
    hashing = hashlib.sha256()
    for value in values:
        hashing.update(line(value).encode("utf-8", "surrogatepass"))
    return hashing.hexdigest()[:16]
