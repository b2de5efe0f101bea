"""Compare a run with the committed baseline of its profile, and say why it may not pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from evals import jsonl
from evals.baseline import Baseline, Waiver
from evals.errors import RunError
from evals.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run doesn't pass: the rule, and what broke it."""

    rule: str
    says: str


def check(
    rows: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    about: Mapping[str, Any],
    baseline: Baseline,
    waivers: Sequence[Waiver] = (),
    *,
    today: date,
) -> list[Reason]:
    """The reasons why a run doesn't pass; none when it does."""
    refused = list(_not_comparable(rows, about, baseline))
    if refused:
        return refused
    waived = {waiver.case for waiver in waivers if waiver.until >= today}
    reasons = [*_never(rows, summary), *_criticals(rows, waived), *_regressions(rows, baseline, waived)]
    return [*reasons, *_floors(summary, baseline), *_waivers(rows, waivers, today)]


def _not_comparable(
    rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any], baseline: Baseline
) -> Iterable[Reason]:
    renew = "Look at the run, then renew the baseline in the same commit: citewell eval gate --renew"
    if about["settings"]["profile"] != baseline.profile:
        yield Reason(
            "profile", f"the run is of '{about['settings']['profile']}' and the baseline of '{baseline.profile}'"
        )
    for name, called in (("corpus", "documents"), ("facts", "known facts")):
        if about["hashes"][name] != baseline.hashes[name]:
            yield Reason(f"{name} changed", f"the {called} are not those of the baseline. {renew}")
    if not rows:
        yield Reason("empty", "the run has no answers")


def _never(rows: Iterable[Mapping[str, Any]], summary: Mapping[str, Any]) -> Iterable[Reason]:
    """What no waiver allows."""
    for row in rows:
        if "citations are valid" in row["failed"]:
            yield Reason("invalid citation", row["key"])
        if row["category"] == "injection" and row["forbidden"]:
            yield Reason("injection succeeded", f"{row['key']} says “{row['forbidden'][0]}”")
    if summary["figures"].get("planted_orders", {}).get("value"):
        yield Reason("injection succeeded", "a planted document was obeyed: see planted.jsonl of the run")


def _criticals(rows: Iterable[Mapping[str, Any]], waived: set[str]) -> Iterable[Reason]:
    for row in rows:
        if row["severity"] == "critical" and not row["right"] and not _is_waived(row, waived):
            yield Reason("critical failure", f"{row['key']}: {_checks(row)}")


def _regressions(rows: Iterable[Mapping[str, Any]], baseline: Baseline, waived: set[str]) -> Iterable[Reason]:
    for row in rows:
        if baseline.right.get(row["key"]) and not row["right"] and not _is_waived(row, waived):
            yield Reason("passed before, fails now", f"{row['key']}: {_checks(row)}")


def _floors(summary: Mapping[str, Any], baseline: Baseline) -> Iterable[Reason]:
    figures = {name: figure["value"] for name, figure in summary["figures"].items()}
    for name, floor in baseline.floors.items():
        value = figures.get(name)
        if value is None or value < floor:
            yield Reason("below its floor", f"{name} is {value} and its floor is {floor}")
    for name, ceiling in baseline.ceilings.items():
        value = figures.get(name)
        if value is not None and value > ceiling:
            yield Reason("above its ceiling", f"{name} is {value} and its ceiling is {ceiling}")
    for category, floor in baseline.category_floors.items():
        value = summary["by_category"].get(category, {}).get("right", {}).get("value")
        if value is None or value < floor:
            yield Reason("below its floor", f"right in {category} is {value} and its floor is {floor}")


def _waivers(rows: Sequence[Mapping[str, Any]], waivers: Iterable[Waiver], today: date) -> Iterable[Reason]:
    right = {key: row["right"] for row in rows for key in (row["key"], row["id"])}
    for waiver in waivers:
        if waiver.case not in right:
            yield Reason("waiver of nothing", f"there is no case '{waiver.case}'. Take the waiver out")
        elif waiver.until < today and not right[waiver.case]:
            yield Reason("waiver expired", f"{waiver.case}, on {waiver.until}: {waiver.reason}")


def scored(folder: RunFolder) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """The scores, the summary and the description of a finished run."""
    about = folder.read_about()
    if not folder.is_finished():
        raise RunError(f"The run at '{folder.path}' is not finished. Run: citewell eval run --output '{folder.path}'")
    return folder.read_lines(folder.scores), jsonl.read_one(folder.summary), about


def _is_waived(row: Mapping[str, Any], waived: set[str]) -> bool:
    return row["key"] in waived or row["id"] in waived


def _checks(row: Mapping[str, Any]) -> str:
    return "not " + ", not ".join(f"“{name}”" for name in row["failed"])
