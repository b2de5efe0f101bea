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


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measure found, and in what circumstances."""

    circumstances: str
    figures: Sequence[Figure]


def keep(name: str, measured: Measured, folder: Path) -> None:
    """Put a measure among those kept in `speed.json` below `folder`, and write all of them as `speed.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "speed.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    rows = [{**asdict(figure), "value": float(f"{figure.value:.4g}")} for figure in measured.figures]
    kept[name] = {"circumstances": measured.circumstances, "figures": rows}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sections = [
        f"## {one}\n\n{found['circumstances']}\n\n{_markdown(Figure(**row) for row in found['figures'])}\n"
        for one, found in kept.items()
    ]
    about = "# Speed\n\nMade by `make bench`. What is compared is measured in turn in one run.\n\n"
    (folder / "speed.md").write_text(about + "\n".join(sections), encoding="utf-8")


def _markdown(figures: Iterable[Figure]) -> str:
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(figure.row for figure in figures)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def p50(milliseconds: Iterable[float]) -> float:
    """The median."""
    return float(np.median(list(milliseconds)))
