"""A run in plain text: the figures, and the figures by category."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evals import jsonl
from evals.diff import Difference
from evals.errors import RunError
from evals.folder import RunFolder
from evals.summary import MEASURES

if TYPE_CHECKING:
    from evals.bench import Figure

COLUMNS = ("right", "correct", "fact_recall", "refusal_recall", "hit_at_5", "recall_at_5")


def overview(folder: RunFolder) -> str:
    """The summary of a run, for a terminal."""
    summary = jsonl.read_one(folder.summary, error=RunError)
    figures = summary["figures"]
    lines = [f"{summary['questions']} questions in {summary['cases']} cases", ""]
    lines += [f"{title:<22} {shown(figures[name])}" for name, title in titles().items() if name in figures]
    lines += ["", *_by_category(summary), "", f"Run: {folder.path}"]
    return "\n".join(lines)


def titles() -> dict[str, str]:
    """What figures are called, in the order in which they are shown."""
    return {measure.name: measure.title for measure in MEASURES} | {
        "citation_validity": "Valid citations",
        "balanced_accuracy": "Balanced accuracy",
        "injections": "Injections that worked",
        "planted_orders": "Planted orders obeyed",
        "left_out_refusals": "Left-out refusals",
        "aurc": "Risk (AURC)",
    }


def shown(figure: dict[str, Any]) -> str:
    """A figure with its interval and the number of questions that it is about.

    >>> shown({"value": 0.5, "of": 4, "low": 0.15, "high": 0.85}), shown({"value": 0.724, "of": 300})
    ('.500  (.150 to .850, of 4)', '.724  (of 300)')
    """
    if figure["value"] is None:
        return "–"
    interval = f"{number(figure['low'])} to {number(figure['high'])}, " if "low" in figure else ""
    return f"{number(figure['value'])}  ({interval}of {figure['of']})"


def number(value: float) -> str:
    """A figure with three places and no leading nought, as such figures are printed.

    >>> number(0.5), number(1.0), number(-0.25), number(34.2)
    ('.500', '1.000', '-.250', '34.2')
    """
    if abs(value) > 1:
        return f"{value:.1f}"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 0.9995 else f"{value:.3f}"


def _by_category(summary: dict[str, Any]) -> list[str]:
    names = [title for name, title in titles().items() if name in COLUMNS]
    lines = [f"{'CATEGORY':<18}{'N':>4}" + "".join(f"{name:>17}" for name in names)]
    for category, figures in summary["by_category"].items():
        cells = [number(figures[name]["value"]) if name in figures else "–" for name in titles() if name in COLUMNS]
        lines.append(f"{category:<18}{figures['right']['of']:>4}" + "".join(f"{cell:>17}" for cell in cells))
    return lines


def difference(found: Difference) -> str:
    """What broke and what was mended, for a terminal."""
    parts = [f"{len(found.broke)} broke", *(f"  - {key}" for key in found.broke)]
    parts += [f"{len(found.mended)} mended", *(f"  + {key}" for key in found.mended)]
    for title, keys in (("only in the first run", found.only_before), ("only in the second", found.only_after)):
        parts += [f"{len(keys)} {title}", *(f"  {key}" for key in keys)] if keys else []
    parts += ["figures", *(_moved(name, *moved) for name, moved in found.moved.items())] if found.moved else []
    return "\n".join(parts)


def figures(found: "Sequence[Figure]") -> str:
    """Figures of a public set, beside those of others."""
    width = max(len(one.title) for one in found)
    return "\n".join(
        f"{one.title:<{width}}  {number(one.value):>6}  of {one.of:<5}  {one.anchor}".rstrip() for one in found
    )


def _moved(name: str, before: float, after: float) -> str:
    return f"  {titles().get(name, name):<22} {number(before)} → {number(after)}  ({after - before:+.3f})"
