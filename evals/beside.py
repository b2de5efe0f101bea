"""Show two answerers side by side on the same facts: figures, and each question that only one of them got right."""

from pathlib import Path
from typing import Any

from evals import jsonl
from evals.diff import Difference, diff, rights, values
from evals.folder import RunFolder
from evals.text import number, titles

TEMPLATES = Path(__file__).parent / "templates"


def write_beside(before: RunFolder, after: RunFolder) -> tuple[Path, Difference]:
    """Write `beside.md` into the folder of the second run, and give what differs."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    shown, found = view(before, after)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701  Markdown, for a reader of the folder
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    path = after.path / "beside.md"
    path.write_text(environment.get_template("beside.md.jinja").render(shown), encoding="utf-8")
    return path, found


def view(before: RunFolder, after: RunFolder) -> tuple[dict[str, Any], Difference]:
    """What the page shows, and the difference of the two runs."""
    rows = [one.read_lines(one.scores) for one in (before, after)]
    figures = [values(jsonl.read_one(one.summary)) for one in (before, after)]
    found = diff(rights(rows[0]), rights(rows[1]), figures[0], figures[1])
    turns = {key: turn.question for case in after.read_cases() for key, _, turn in case.keyed_turns()}
    said = [_said(one) for one in (before, after)]

    def listed(keys: list[str]) -> list[dict[str, str]]:
        return [{"key": key, "question": turns[key], "before": said[0][key], "after": said[1][key]} for key in keys]

    shown = {
        "names": [one.read_about()["settings"]["answerer"] for one in (before, after)],
        "figures": [
            {"title": title, "before": _number(figures[0].get(name)), "after": _number(figures[1].get(name))}
            for name, title in titles().items()
            if name in figures[0] or name in figures[1]
        ],
        "only_before": listed(found.broke),
        "only_after": listed(found.mended),
    }
    return shown, found


def _said(folder: RunFolder) -> dict[str, str]:
    told = {one["id"]: one["turns"] for one in folder.read_lines(folder.answers)}
    answers = {
        key: told[case.id][place - 1]["answer"] for case in folder.read_cases() for key, place, _ in case.keyed_turns()
    }
    return {key: f"({answer['status']}) {' '.join(answer['text'].split())}" for key, answer in answers.items()}


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)
