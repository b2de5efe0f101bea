"""Measure everything, print a table, and keep it: `python -m evals.speed`."""

import os
import platform
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evals.speed import command_line, fidelity, first_sync, large, service, size, slack, warm_ask, written
from evals.speed.figures import HEADINGS, Figure, Measured, keep

BENCH = Path("../shared/bench")  # SciFact and SQuAD in BEIR layout; not part of the project
BASELINES = Path("evals/baselines")
MEASURES = ("ask", "written", "service", "slack", "commands", "first-sync", "size", "large", "fidelity")
SLOW = ("size", "large", "fidelity")


@click.command()
@click.option("--quick", is_flag=True, help="Fewer rounds, without the slow measures. Keeps no file.")
@click.option("--only", multiple=True, type=click.Choice(MEASURES), help="Measure this; what else was kept stays.")
@click.option("--bench", default=BENCH, show_default=True, type=click.Path(path_type=Path), help="Public benchmarks.")
@click.option("--out", default=BASELINES, show_default=True, type=click.Path(path_type=Path), help="Where files go.")
def speed(quick: bool, only: tuple[str, ...], bench: Path, out: Path) -> None:
    """Measure speed, memory and fidelity of Citewell; every ratio is of one run."""
    console = Console()
    found = bench if (bench / "scifact" / "corpus.jsonl").exists() else None
    for name in only or MEASURES:
        if quick and name in SLOW:
            console.print(f"Not measured: {name} (--quick).")
            continue
        if name == "fidelity" and not found:
            console.print(f"Not measured: fidelity, because there is no SciFact in '{bench}'.")
            continue
        console.print(f"Measuring: {name}")
        before = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            figures = _measure(name, Path(folder), quick=quick, bench=found)
        console.print(_table(figures))
        if not quick:
            keep(name, Measured(_circumstances(before), figures), out)
            console.print(f"Kept in {out / 'speed.md'} and {out / 'speed.json'}.")


def _measure(name: str, workspace: Path, *, quick: bool, bench: Path | None) -> list[Figure]:
    measures: dict[str, Callable[[], list[Figure]]] = {
        "ask": lambda: warm_ask.measure(workspace, quick=quick),
        "written": lambda: written.measure(workspace, quick=quick),
        "service": lambda: service.measure(workspace, quick=quick),
        "commands": lambda: command_line.measure(workspace, quick=quick),
        "first-sync": lambda: first_sync.measure(workspace, quick=quick, bench=bench),
        "size": lambda: size.measure(workspace),
        "slack": lambda: slack.measure(workspace, quick=quick),
        "large": lambda: large.measure(workspace),
        "fidelity": lambda: fidelity.measure(workspace, bench=bench or BENCH),
    }
    return measures[name]()


def _table(figures: list[Figure]) -> Table:
    table = Table(*HEADINGS)
    for figure in figures:
        table.add_row(*figure.row, style="red" if figure.verdict == "MISS" else None)
    return table


def _circumstances(load_before: float) -> str:
    """When and where; the load says how far milliseconds and seconds can be trusted, ratios aside."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("chromadb", "onnxruntime", "torch", "tantivy"))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {packages}"
    day = datetime.now(UTC).date().isoformat()
    return f"{day}; {machine}; load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after"


if __name__ == "__main__":
    speed()
