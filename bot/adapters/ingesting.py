"""Ingest for the command line: progress, the report as a table or as JSON, and following a folder."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bot.settings import BotSettings
from ingest.embed import open_embedder
from ingest.errors import CitewellError
from ingest.reading import Limits, Reader
from ingest.sync import SyncReport, preview, sync
from ingest.watch import follow

if TYPE_CHECKING:
    from rich.table import Table

MOST_ROWS = 20  # of a kind in the table; a first ingest adds thousands, and --json has them all
AGAIN = 5  # seconds after which what failed is tried again while a folder is followed

Show = Callable[[SyncReport], None]


def bring_in_step(
    settings: BotSettings,
    *,
    rebuild: bool = False,
    allow_empty: bool = False,
    dry_run: bool = False,
    quiet: bool = False,
    reader: Reader | None = None,
) -> SyncReport:
    """Sync the corpus of the settings, or say what that would do."""
    embedder = open_embedder(settings.embedder)
    with reader_of(settings, reader) as reading, _progress(quiet=quiet) as progress:
        where = {"location": settings.index_location, "data_dir": settings.data_dir, "embedder": embedder}
        how: dict[str, Any] = {**where, "allow_empty": allow_empty, "reader": reading, "progress": progress}
        return preview(settings.corpus, **how) if dry_run else sync(settings.corpus, rebuild=rebuild, **how)


def keep_in_step(settings: BotSettings, show: Show, **options: Any) -> None:
    """Sync now and whenever the folder changed, until Ctrl-C; what goes wrong is told and tried again."""
    if not settings.corpus.is_dir():
        bring_in_step(settings)  # which says that there is no folder: a name is wrong from the start
    pending, again, told = True, 0.0, ""
    with reader_of(settings, None) as reader:
        for changed in follow(settings.corpus, beside=settings.data_dir):
            pending = pending or changed
            if not pending or time.monotonic() < again:
                continue
            try:
                show(bring_in_step(settings, reader=reader, **options))
                pending, told = False, ""
                options.pop("rebuild", None)
            except CitewellError as error:
                again = time.monotonic() + AGAIN
                if str(error) != told:
                    told = str(error)
                    click.echo(told, err=True)


@contextmanager
def reader_of(settings: BotSettings, reader: Reader | None) -> Iterator[Reader]:
    """Use a reader that is there, or one with the limits of the settings."""
    if reader:
        yield reader
        return
    with Reader(open_embedder(settings.embedder), Limits.of(settings)) as own:
        yield own


def as_json(report: SyncReport) -> str:
    """A report as one line of JSON."""
    shown = {
        **asdict(report),
        "renamed": [{"from": old, "to": new} for new, old in report.renamed.items()],
        "failed": _failures(report),
        "similar": [{**asdict(pair), "near_identical": pair.near_identical} for pair in report.similar],
    }
    return json.dumps(shown, ensure_ascii=False)


def _failures(report: SyncReport) -> list[dict[str, str]]:
    return [{"document_id": name, "reason": reason} for name, reason in report.failed.items()]


def print_report(report: SyncReport, *, dry_run: bool = False) -> None:
    """Print what was done as a table, and what could not be read to stderr as well where that is somewhere else."""
    rows = list(_rows(report, dry_run=dry_run))
    if rows:
        _print(_table(rows))
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        print_failures(report)
    click.echo(
        f"{report.documents} documents {'would be ' if dry_run else ''}in the index "
        f"({len(report.unchanged)} unchanged), {report.passages:,} passages, {report.seconds:.1f} s."
    )
    if report.skipped:
        kinds = ", ".join(f"{count} {suffix or 'without suffix'}" for suffix, count in sorted(report.skipped.items()))
        click.echo(f"Not documents: {printable(kinds)}.")


def print_failures(report: SyncReport) -> None:
    """Name what could not be read, with the reason, a line each."""
    for name, reason in report.failed.items():
        click.echo(f"Not read: {printable(name)}: {printable(reason)}.", err=True)


def printable(text: str) -> str:
    """A name on one line, whatever characters it has.

    >>> printable("a\\nname [b].md")
    'a\\\\nname [b].md'
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _rows(report: SyncReport, *, dry_run: bool) -> Iterator[tuple[str, str, str]]:
    """What was done, the document, and more about it."""
    would = "would be " if dry_run else ""
    yield from _some(f"{would}added", report.added)
    yield from _some(f"{would}changed", report.changed)
    renamed = [f"{printable(old)} → {printable(new)}" for new, old in report.renamed.items()]
    yield from _some(f"{would}renamed", renamed)
    yield from _some(f"{would}removed", report.removed)
    for name, reason in report.failed.items():
        yield "not read", printable(name), printable(reason)
    touched = {*report.added, *report.changed, *report.renamed}
    similar = sorted(report.similar, key=lambda pair: not {pair.first, pair.second} & touched)
    for pair in similar[:MOST_ROWS]:
        yield "look at", printable(pair.subject), printable(pair.says)
    if len(similar) > MOST_ROWS:
        yield "look at", f"and {len(similar) - MOST_ROWS:,} more pairs that are much the same", ""


def _some(what: str, names: list[str]) -> Iterator[tuple[str, str, str]]:
    for name in names[:MOST_ROWS]:
        yield what, printable(name), ""
    if len(names) > MOST_ROWS:
        yield what, f"and {len(names) - MOST_ROWS:,} more", ""


def _table(rows: Iterable[tuple[str, str, str]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("", "document", "", box=None, show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    # What is no terminal has no width: a name that is cut in a file is of no use.
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    """Show a progress bar with the time left on a terminal, and nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("Reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=printable(name))
