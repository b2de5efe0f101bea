"""Measure everything, print a table, and keep it: `python -m evals.speed`."""

import os
import platform
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evals.speed import command_line, fidelity, first_sync, large, warm_ask
from evals.speed.figures import HEADINGS, Figure, keep

BENCH = Path("../shared/bench")  # SciFact and SQuAD in BEIR layout; not part of the project
BASELINES = Path("evals/baselines")


@click.command()
@click.option("--quick", is_flag=True, help="Fewer rounds; leave out 100,000 passages and fidelity. Keeps no file.")
@click.option("--bench", default=BENCH, show_default=True, type=click.Path(path_type=Path), help="Public benchmarks.")
@click.option("--out", default=BASELINES, show_default=True, type=click.Path(path_type=Path), help="Where files go.")
def speed(quick: bool, bench: Path, out: Path) -> None:
    """Measure speed, memory and fidelity of Citewell, as ratios in one run."""
    console = Console()
    found = bench if (bench / "scifact" / "corpus.jsonl").exists() else None
    left_out: list[str] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        measures = {
            "warm ask": lambda: warm_ask.measure(workspace, quick=quick),
            "commands": lambda: command_line.measure(workspace, quick=quick),
            "first sync": lambda: first_sync.measure(workspace, quick=quick, bench=found),
        }
        if quick:
            left_out.append("100,000 passages, and fidelity (--quick)")
        else:
            measures["100,000 passages"] = lambda: large.measure(workspace)
        if found and not quick:
            measures["fidelity"] = lambda: fidelity.measure(workspace, bench=found)
        elif not quick:
            left_out.append(f"fidelity, because there is no SciFact in '{bench}'")
        for name, measure in measures.items():
            console.print(f"Measuring: {name}")
            figures += measure()
    console.print(_table(figures))
    for line in left_out:
        console.print(f"Not measured: {line}.")
    if not quick:
        keep(figures, out, about=_about(), left_out=left_out)
        console.print(f"Kept in {out / 'speed.md'} and {out / 'speed.json'}.")


def _table(figures: list[Figure]) -> Table:
    table = Table(*HEADINGS)
    for figure in figures:
        table.add_row(*figure.row, style="red" if figure.verdict == "MISS" else None)
    return table


def _about() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("chromadb", "onnxruntime", "torch", "tantivy"))
    day = datetime.now(UTC).date().isoformat()
    return (
        f"Measured by `make bench` on {day}: {os.cpu_count()} cores, Python {platform.python_version()}, {packages}. "
        "Ratios and differences are of medians, measured in turn in one run."
    )


if __name__ == "__main__":
    speed()
