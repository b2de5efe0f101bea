"""A figure with its target, and tables of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from operator import ge, le
from pathlib import Path
from typing import Literal

import numpy as np

COMPARE = {"<=": le, ">=": ge}


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured. `how` says what it was made of; without `limit` it has no target."""

    name: str
    value: float
    unit: str = ""
    bound: Literal["<=", ">="] = "<="
    limit: float | None = None
    how: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty without one.

        >>> Figure("ask", 0.7, "×", "<=", 0.8).verdict, Figure("ask", 0.9, "×", "<=", 0.8).verdict
        ('pass', 'MISS')
        """
        if self.limit is None:
            return ""
        return "pass" if COMPARE[self.bound](self.value, self.limit) else "MISS"

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Its cells: name, value, target, verdict, how."""
        target = "" if self.limit is None else f"{self.bound} {self.limit:g} {self.unit}".rstrip()
        return self.name, f"{self.value:.3g} {self.unit}".rstrip(), target, self.verdict, self.how


HEADINGS = ("figure", "value", "target", "", "made of")


def markdown(figures: Iterable[Figure], *, about: str, left_out: Sequence[str]) -> str:
    """Write figures as a Markdown document with one table."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(figure.row for figure in figures)]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    notes = "".join(f"\nNot measured: {line}.\n" for line in left_out)
    return f"# Speed\n\n{about}\n\n{table}\n{notes}"


def keep(figures: Sequence[Figure], folder: Path, *, about: str, left_out: Sequence[str]) -> None:
    """Write `speed.md` and `speed.json` below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.md").write_text(markdown(figures, about=about, left_out=left_out), encoding="utf-8")
    rows = [{**asdict(figure), "value": float(f"{figure.value:.4g}"), "verdict": figure.verdict} for figure in figures]
    content = {"about": about, "figures": rows, "not_measured": list(left_out)}
    (folder / "speed.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def p50(milliseconds: Iterable[float]) -> float:
    """The median."""
    return float(np.median(list(milliseconds)))
