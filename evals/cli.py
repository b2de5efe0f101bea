"""The commands of `citewell eval` that measure: run, score, diff, gate, bench."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evals.cli_facts import add, triage, validate
from evals.options import ANSWERER, DATA_DIR, FACTS, OFFLINE, settings_from

# What takes long to import is imported by the command that needs it.
if TYPE_CHECKING:
    from bot.settings import BotSettings
    from evals.baseline import Baseline
    from evals.cases import Case
    from evals.folder import RunFolder

RUN = click.Path(path_type=Path, file_okay=False)
LEFT_OUT = click.option("--left-out/--no-left-out", default=True, help="Ask again with documents left out and planted.")


@click.group("eval", context_settings={"help_option_names": ["-h", "--help"]})
def evaluate() -> None:
    """Measure the answers against known facts."""


evaluate.add_command(validate)
evaluate.add_command(add)
evaluate.add_command(triage)


@evaluate.command()
@FACTS
@click.option("--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True)
@ANSWERER
@DATA_DIR
@click.option(
    "--output", type=RUN, help="Folder of the run; one that was stopped there goes on  [default: below DATA_DIR/runs]"
)
@LEFT_OUT
def run(
    facts: Path | None, split: str, answerer: str | None, data_dir: Path | None, output: Path | None, left_out: bool
) -> None:
    """Ask the known facts, score the answers and write a report.

    A run that was stopped goes on where it was: the newest one in DATA_DIR/runs, or the one at --output. With a chat
    model as answerer, the same facts are asked without it too, and beside.md shows both side by side.
    """
    from evals.cases import FACTS as SHIPPED
    from evals.cases import load
    from evals.text import overview

    cases = load(facts or SHIPPED, split=split)
    settings = settings_from(data_dir=data_dir, answerer=answerer)
    about = {"split": split, "left_out": left_out}
    folder = output or _unfinished(settings.data_dir / "runs", about) or _new(settings.data_dir / "runs")
    done = _run(cases, settings, folder, about)
    click.echo(overview(done))
    if settings.answerer != OFFLINE:
        click.echo(_beside(cases, settings, done, about))


@evaluate.command()
@click.argument("run", type=RUN)
@click.option("--facts", type=click.Path(path_type=Path), help="Known facts that were mended since the run.")
def score(run: Path, facts: Path | None) -> None:
    """Score the answers of RUN again without asking, and write its report again."""
    from evals.folder import RunFolder
    from evals.score import score as score_run
    from evals.text import overview

    folder = RunFolder(run)
    score_run(folder, facts=facts)
    _report(folder)
    click.echo(overview(folder))


@evaluate.command()
@click.argument("before", type=RUN)
@click.argument("after", type=RUN)
def diff(before: Path, after: Path) -> None:
    """List what broke and what was mended from run BEFORE to run AFTER."""
    from evals.diff import diff as compare
    from evals.diff import rights, values
    from evals.folder import RunFolder
    from evals.gate import scored
    from evals.text import difference

    rows_before, summary_before, _ = scored(RunFolder(before))
    rows_after, summary_after, _ = scored(RunFolder(after))
    found = compare(rights(rows_before), rights(rows_after), values(summary_before), values(summary_after))
    click.echo(difference(found))


@evaluate.command()
@click.argument("run", type=RUN, required=False)
@FACTS
@ANSWERER
@DATA_DIR
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False), help="[default: that of the profile]")
@click.option("--renew", is_flag=True, help="Make the run the new baseline.")
@click.option("--lower-floors", is_flag=True, help="With --renew: let floors sink to the figures of the run.")
@click.option(
    "--waive-until", type=click.DateTime(["%Y-%m-%d"]), help="With --renew: until then, critical failures may stay."
)
@click.option("--because", default="", help="With --waive-until: the reason.")
def gate(
    run: Path | None,
    facts: Path | None,
    answerer: str | None,
    data_dir: Path | None,
    baseline: Path | None,
    renew: bool,
    lower_floors: bool,
    waive_until: datetime | None,
    because: str,
) -> None:
    """Compare RUN, or a fresh run, with the committed baseline; exit 1 with the reasons where it may not pass."""
    from evals import baseline as baselines
    from evals import gate as gates
    from evals.folder import RunFolder

    if (waive_until or lower_floors) and not renew:
        raise click.UsageError("--waive-until and --lower-floors go with --renew.")
    if waive_until and not because.strip():
        raise click.UsageError("--waive-until needs a reason: --because 'why these may fail until then'.")
    folder = RunFolder(run) if run else _fresh(settings_from(data_dir=data_dir, answerer=answerer), facts)
    rows, summary, about = gates.scored(folder)
    path = baseline or baselines.path_of(about["settings"]["profile"])
    waivers = baselines.read_waivers(baselines.waivers_path(path))
    if renew:
        before = baselines.read_baseline(path) if path.exists() else None
        new = baselines.renewed(rows, summary, about, before, lower_floors=lower_floors)
        until = waive_until.date() if waive_until else None
        kept = baselines.waivers_for(rows, waivers, until=until, because=because.strip())
        baselines.write(path, new, kept)
        click.echo(f"Renewed '{path}', with {len(kept)} waivers. Commit both files with the change that moved them.")
        waivers = kept
    reasons = gates.check(rows, summary, about, baselines.read_baseline(path), waivers, today=_today())
    for reason in reasons:
        click.echo(f"{reason.rule}: {reason.says}")
    if reasons:
        click.echo(f"The gate is shut: {len(reasons)} reasons. The run is at '{folder.path}'.", err=True)
        raise SystemExit(1)
    click.echo(f"The gate is open: {sum(row['right'] for row in rows)} of {len(rows)} questions right.")


@evaluate.command()
@click.option("--set", "kind", type=click.Choice(["scifact", "squad2", "doc2dial"]), required=True)
@click.option("--data", type=RUN, required=True, help="The set's folder: corpus.jsonl, queries.jsonl, qrels.tsv.")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Ask only so many questions  [default: all]")
@DATA_DIR
def bench(kind: str, data: Path, limit: int, data_dir: Path | None) -> None:
    """Measure on a public set, beside what others published."""
    from evals.bench import bench as measure
    from evals.text import figures

    with progress(kind) as told:
        found = measure(kind, data, settings_from(data_dir=data_dir), limit=limit, progress=told)
    click.echo(figures(found))


def _run(cases: "list[Case]", settings: "BotSettings", path: Path, about: Mapping[str, Any]) -> "RunFolder":
    from evals.engine import open_engine
    from evals.left_out import ask_left_out
    from evals.planted import ask_planted
    from evals.run import run as run_cases

    def again(folder: "RunFolder", asked: "list[Case]") -> None:
        with progress("Left out") as told_again:
            ask_left_out(folder, asked, settings, progress=told_again)
        with progress("Planted") as told_again:
            ask_planted(folder, asked, settings, progress=told_again)

    with progress("Asking") as told:
        done = run_cases(
            cases,
            open_engine(settings),
            path,
            about=about,
            again=again if about["left_out"] else None,
            progress=told,
        )
    _report(done)
    return done


def _beside(cases: "list[Case]", settings: "BotSettings", done: "RunFolder", about: Mapping[str, Any]) -> str:
    """Ask the same without the chat model, write both side by side, and say what differs."""
    from evals.beside import write_beside
    from evals.text import difference

    without = _run(cases, settings.model_copy(update={"answerer": OFFLINE}), done.path / OFFLINE, about)
    path, found = write_beside(without, done)
    return f"\nFrom {OFFLINE} to {settings.answerer}: {difference(found)}\n\nSide by side: {path}"


def _fresh(settings: "BotSettings", facts: Path | None) -> "RunFolder":
    """Run everything on an index of its own that is in step with the corpus."""
    from evals.cases import FACTS as SHIPPED
    from evals.cases import load
    from evals.engine import read_documents
    from evals.run import forget

    own = settings.model_copy(update={"data_dir": settings.data_dir / "gate", "index": "", "database": ""})
    read_documents(own)
    about = {"split": "all", "left_out": True}
    path = own.data_dir / "run"
    forget(path)
    return _run(load(facts or SHIPPED), own, path, about)


def _report(folder: "RunFolder") -> None:
    from evals.report import write_report

    write_report(folder, _baseline_of(folder))


def _baseline_of(folder: "RunFolder") -> "Baseline | None":
    """The baseline that a run can be compared with, where there is one of the same documents and facts."""
    from evals import baseline as baselines

    about = folder.read_about()
    path = baselines.path_of(about["settings"]["profile"])
    found = baselines.read_baseline(path) if path.exists() else None
    same = found and all(about["hashes"][name] == value for name, value in found.hashes.items())
    return found if same else None


def _unfinished(runs: Path, about: Mapping[str, Any]) -> Path | None:
    from evals.folder import RunFolder

    newest = max((path for path in runs.glob("*") if (path / "run.json").exists()), default=None)
    if newest is None or RunFolder(newest).is_finished():
        return None
    told = RunFolder(newest).read_about()
    if any(told.get(name) != value for name, value in about.items()):
        return None
    click.echo(f"Going on with the run at '{newest}'.", err=True)
    return newest


def _new(runs: Path) -> Path:
    name = time.strftime("%Y-%m-%dT%H-%M-%S")
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, 100))
    return next(runs / one for one in names if not (runs / one).exists())


def _today() -> date:
    return datetime.now().astimezone().date()


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """Show a progress bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    name = TextColumn("{task.description}")
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), name)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def main() -> None:
    """Run the commands without the rest of `citewell`."""
    from evals.errors import EvalError
    from ingest.errors import CitewellError

    try:
        evaluate()
    except (EvalError, CitewellError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
