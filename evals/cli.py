"""The commands of `citewell eval`."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.settings import BotSettings

FACTS = click.option(
    "--facts", type=click.Path(path_type=Path), help="A .jsonl file of known facts, or a folder  [default: the shipped]"
)
SPLIT = click.option("--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True)
DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where index and runs live  [default: $CITEWELL_DATA_DIR or .citewell]",
)
OUTPUT = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the run; a run that was stopped there goes on  [default: a new one below DATA_DIR/runs]",
)
ANSWERER = click.option("--answerer", help="What proposes answers  [default: $CITEWELL_ANSWERER or extractive]")


@click.group("eval", context_settings={"help_option_names": ["-h", "--help"]})
def evaluate() -> None:
    """Measure the answers against known facts."""


@evaluate.command()
@FACTS
@SPLIT
@ANSWERER
@DATA_DIR
@OUTPUT
def run(facts: Path | None, split: str, answerer: str | None, data_dir: Path | None, output: Path | None) -> None:
    """Ask the known facts and score the answers."""
    from evals.cases import FACTS as SHIPPED
    from evals.cases import load
    from evals.engine import open_engine
    from evals.run import run as run_cases
    from evals.text import overview

    cases = load(facts or SHIPPED, split=split)
    settings = _settings(data_dir=data_dir, answerer=answerer)
    folder = output or settings.data_dir / "runs" / time.strftime("%Y-%m-%dT%H-%M-%S")
    with progress("Asking") as told:
        done = run_cases(cases, open_engine(settings), folder, about={"split": split}, progress=told)
    click.echo(overview(done))


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """Show a progress bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def _settings(**overrides: Any) -> "BotSettings":
    from bot.settings import BotSettings
    from ingest.settings import load_settings

    return load_settings(BotSettings, **overrides)


if __name__ == "__main__":
    evaluate()
