"""Lead a new starter along the path in a terminal: a step at a time, with questions, and a check at the end."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from bot.adapters.terminal import shown, source, wrapped
from bot.errors import NoOnboarding, StoreError
from bot.onboarding import Onboarding, Step, onboarding_in, questions_not_answered
from bot.onboarding_draft import draft_onboarding
from bot.types import Answer
from bot.words import words_in
from ingest.errors import CitewellError

if TYPE_CHECKING:
    from bot.assemble import Bot

KEYS = "Enter: next step, a number: ask that question, or type your own; b: back, q: stop"
STOP, BACK = ("q", "quit", "exit"), ("b", "back")

Ask = Callable[[str], Answer]
Read = Callable[[str], str]


class Progress(Protocol):
    """Where it is kept how far a person came (`bot.memory.steps.Steps`)."""

    def done(self, asker: str) -> tuple[str, ...]:
        """The ids of the steps done."""

    def mark(self, asker: str, step: str) -> None:
        """Note that a step was done."""


def walk(onboarding: Onboarding, ask: Ask, progress: Progress, *, asker: str = "", read: Read | None = None) -> None:
    """Show the steps from the first that is not done, then the check; stop where the person says so.

    `read` gives what the person types, and raises `EOFError` where there is no more.
    """
    typed = read or _typed
    steps = onboarding.steps
    done = done_by(progress, asker)
    at = next((number for number, step in enumerate(steps) if step.id not in done), len(steps))
    if 0 < at < len(steps):
        click.echo(f"You have done {at} of {len(steps)} steps; here is the next. Begin again with --again.\n")
    try:
        while at < len(steps):
            click.echo(step_text(steps[at], number=at + 1, of=len(steps)))
            went = _questions(steps[at], ask, typed)
            if went == "next":
                _mark(progress, asker, steps[at].id)
            at = at + 1 if went == "next" else max(0, at - 1)
        _check(onboarding.check, ask, typed)
    except (EOFError, _Stopped):
        click.echo(f"\nYou can go on where you stopped: step {min(at + 1, len(steps))} of {len(steps)}.")


def write(path: Path, bot: "Bot", *, replace: bool) -> str:
    """Draft the path from the documents and write it; what an editor wrote is replaced only where that is wanted."""
    if path.exists() and not replace:
        raise NoOnboarding(
            f"'{path}' is there already, and somebody may have edited it. Add --replace to write it anew."
        )
    catalog = bot.index.catalog
    text = draft_onboarding(catalog, words_in(catalog, catalog.terms()), bot.ask)
    drafted = onboarding_in(text, catalog)
    if not drafted.steps:
        raise NoOnboarding("The documents tell too little for a path. Ingest some, or write the page by hand.")
    path.write_text(text, encoding="utf-8")
    return f"Wrote {len(drafted.steps)} steps to '{path}'. Read and edit it, then run: citewell onboard --check"


def checked(onboarding: Onboarding, ask: Ask) -> list[str]:
    """What is wrong with the path: quotations that no longer stand, and questions that are not answered."""
    return [*onboarding.problems, *questions_not_answered(onboarding, ask)]


def done_by(progress: Progress, asker: str) -> tuple[str, ...]:
    """The steps that a person has done; none where that can't be read, which is said."""
    try:
        return progress.done(asker)
    except StoreError as error:
        click.echo(str(error), err=True)
        return ()


def whole(onboarding: Onboarding) -> str:
    """All steps, for reading where nobody types."""
    steps = [
        step_text(step, number=number, of=len(onboarding.steps)) for number, step in enumerate(onboarding.steps, 1)
    ]
    check = "\n".join(["Check yourself", *(f"  - {question}" for question in onboarding.check)])
    return "\n\n".join([*steps, *([check] if onboarding.check else [])])


def step_text(step: Step, *, number: int, of: int) -> str:
    """A step with its sources and its questions."""
    parts = [f"{number} of {of}  {step.title}", wrapped(step.text)]
    parts.append("\n".join(["Sources", *map(source, step.citations)]))
    if step.questions:
        asked = (f"  {place}. {question}" for place, question in enumerate(step.questions, start=1))
        parts.append("\n".join(["You could ask", *asked]))
    return "\n\n".join(parts) + "\n"


class _Stopped(Exception):
    pass


def _questions(step: Step, ask: Ask, read: Read) -> str:
    """Answer what is asked about a step, until the person goes on ("next") or back ("back")."""
    while True:
        typed = read(KEYS).strip()
        if not typed:
            return "next"
        if typed.lower() in STOP:
            raise _Stopped
        if typed.lower() in BACK:
            return "back"
        if typed.isdecimal() and not 0 < int(typed) <= len(step.questions):
            click.echo(f"There are {len(step.questions)} questions here. Type one of their numbers, or a question.")
            continue
        _answer(step.questions[int(typed) - 1] if typed.isdecimal() else typed, ask)


def _check(questions: Sequence[str], ask: Ask, read: Read) -> None:
    """Ask some questions back, and show the answers with their sources."""
    if not questions:
        click.echo("That is the whole path. Ask on with: citewell ask")
        return
    click.echo(f"Now check yourself: {len(questions)} questions. Think of the answer, then press Enter to see it.\n")
    for number, question in enumerate(questions, start=1):
        if read(f"{number}. {question}").strip().lower() in STOP:
            raise _Stopped
        _answer(question, ask)
    click.echo("That is the whole path. Ask on with: citewell ask")


def _answer(question: str, ask: Ask) -> None:
    try:
        click.echo(f"\n{shown(ask(question))}\n")
    except CitewellError as error:
        click.echo(f"{error}\n")


def _mark(progress: Progress, asker: str, step: str) -> None:
    try:
        progress.mark(asker, step)
    except StoreError as error:
        click.echo(str(error), err=True)


def _typed(prompt: str) -> str:
    try:
        return str(click.prompt(prompt, default="", show_default=False, prompt_suffix="\n> "))
    except click.Abort:
        raise EOFError from None
