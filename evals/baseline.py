"""What runs are compared with: the figures of a run that was trusted, and the cases that may fail for a while."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evals import jsonl
from evals.errors import BaselineError
from evals.summary import MEASURES

BASELINES = Path(__file__).parent / "baselines"
# Room below a figure of today before its floor: about a fifth of the interval that 300 questions have.
ROOM = 0.02
ROOM_IN_CATEGORY = 0.10  # a category has few cases, and one of them must not stop a change that mends others
OVER_ALL = ("balanced_accuracy", "left_out_refusals")
CEILINGS = ("false_refusals", "aurc")
NO_FLOOR = ("words", "follow_up_gap", *CEILINGS)
FLOORS = (*(measure.name for measure in MEASURES if measure.name not in NO_FLOOR), *OVER_ALL)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Leave for one case to fail: why, and until which day."""

    case: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run is compared with. `right` says of every question, by its key, whether it was right."""

    profile: str
    hashes: dict[str, str]
    figures: dict[str, float]
    right: dict[str, bool]
    floors: dict[str, float]
    ceilings: dict[str, float]
    category_floors: dict[str, float]


def renewed(
    rows: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    about: Mapping[str, Any],
    before: Baseline | None,
    *,
    lower_floors: bool = False,
) -> Baseline:
    """A baseline made of a run. Floors rise with the figures, and sink only when that is asked for."""
    figures = {name: figure["value"] for name, figure in summary["figures"].items() if figure["value"] is not None}
    floors = {name: _down(figures[name] - ROOM) for name in FLOORS if name in figures}
    ceilings = {name: round(figures[name] + ROOM, 3) for name in CEILINGS if name in figures}
    categories = {
        name: _down(max(0.0, one["right"]["value"] - ROOM_IN_CATEGORY)) for name, one in summary["by_category"].items()
    }
    if before and not lower_floors:
        floors = {name: max(floor, before.floors.get(name, floor)) for name, floor in floors.items()}
        ceilings = {name: min(top, before.ceilings.get(name, top)) for name, top in ceilings.items()}
        categories = {name: max(floor, before.category_floors.get(name, floor)) for name, floor in categories.items()}
    return Baseline(
        profile=about["settings"]["profile"],
        hashes={name: about["hashes"][name] for name in ("corpus", "facts")},
        figures=figures,
        right={row["key"]: row["right"] for row in rows},
        floors=floors,
        ceilings=ceilings,
        category_floors=categories,
    )


def waivers_for(
    rows: Sequence[Mapping[str, Any]], before: Sequence[Waiver], *, until: date | None, because: str
) -> list[Waiver]:
    """The waivers that are still needed, and where `until` is given, one for every critical failure without one."""
    failing = {key: row for row in rows if not row["right"] for key in (row["key"], row["id"])}
    kept = [waiver for waiver in before if waiver.case in failing]
    if until is None:
        return kept
    named = {waiver.case for waiver in kept}
    new = [row["key"] for row in rows if row["severity"] == "critical" and not row["right"]]
    return [*kept, *(Waiver(key, because, until) for key in new if key not in named)]


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; raise `BaselineError` where there is none that can be read."""
    if not path.exists():
        raise BaselineError(f"There is no baseline '{path}'. Make it from a run you trust: citewell eval gate --renew")
    try:
        return Baseline(**jsonl.read_one(path, error=BaselineError))
    except TypeError as error:
        raise BaselineError(f"The baseline '{path}' is damaged ({error}). Run: citewell eval gate --renew") from error


def read_waivers(path: Path) -> list[Waiver]:
    """Read waivers, a JSON object a line with `case`, `reason` and `until`; none where there is no file."""
    waivers = []
    for number, value in jsonl.read(path, error=BaselineError) if path.exists() else ():
        try:
            waiver = Waiver(value["case"], value["reason"].strip(), date.fromisoformat(value["until"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BaselineError(
                f"'{path}', line {number}: a waiver needs a case, a reason and until which day, such as "
                '{"case": "who-chairs", "reason": "mended in issue 12", "until": "2027-01-31"}.'
            ) from error
        if not waiver.reason:
            raise BaselineError(f"'{path}', line {number}: the waiver gives no reason. Write why it may fail.")
        waivers.append(waiver)
    return waivers


def write(path: Path, baseline: Baseline, waivers: Iterable[Waiver]) -> None:
    """Write a baseline, and its waivers beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    jsonl.write_one(path, asdict(baseline))
    jsonl.write(waivers_path(path), ({**asdict(one), "until": one.until.isoformat()} for one in waivers))


def path_of(profile: str) -> Path:
    """Where the committed baseline of a profile is."""
    return BASELINES / f"{profile}.json"


def waivers_path(baseline: Path) -> Path:
    """Where the waivers of a baseline are."""
    return baseline.with_suffix(".waivers.jsonl")


def _down(value: float) -> float:
    return int(value * 1000) / 1000
