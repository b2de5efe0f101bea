"""Compare two runs: what broke, what was mended, which figures moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOVED = 0.0005  # less is not seen in three places


@dataclass(frozen=True, slots=True)
class Difference:
    """Keys of questions that broke, were mended, or are in one run only; figures before and after."""

    broke: list[str]
    mended: list[str]
    only_before: list[str]
    only_after: list[str]
    moved: dict[str, tuple[float, float]]


def diff(
    right_before: Mapping[str, bool],
    right_after: Mapping[str, bool],
    figures_before: Mapping[str, float | None],
    figures_after: Mapping[str, float | None],
) -> Difference:
    """Compare two runs by which questions were right and by their figures.

    >>> diff({"a": True, "b": False}, {"a": False, "b": True}, {"right": 0.5}, {"right": 0.5})
    Difference(broke=['a'], mended=['b'], only_before=[], only_after=[], moved={})
    """
    both = [key for key in right_before if key in right_after]
    moved = {}
    for name, before in figures_before.items():
        after = figures_after.get(name)
        if before is not None and after is not None and abs(after - before) > MOVED:
            moved[name] = (before, after)
    return Difference(
        broke=[key for key in both if right_before[key] and not right_after[key]],
        mended=[key for key in both if right_after[key] and not right_before[key]],
        only_before=[key for key in right_before if key not in right_after],
        only_after=[key for key in right_after if key not in right_before],
        moved=moved,
    )


def rights(rows: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Which questions of a run were right, by their keys."""
    return {row["key"]: row["right"] for row in rows}


def values(summary: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures of a summary without their intervals."""
    return {name: figure["value"] for name, figure in summary["figures"].items()}
