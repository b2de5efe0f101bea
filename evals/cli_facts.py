"""The commands of `citewell eval` about known facts: validate, add, triage."""

from pathlib import Path

import click

from evals.options import DATA_DIR, FACTS, settings_from

CATEGORIES = (
    "single_fact", "number_date", "who", "list", "table", "acronym", "paraphrase", "misspelt", "multi_document",
    "changed", "near_miss", "off_topic", "unclear", "small_talk", "injection",
)  # fmt: skip
ANSWERABILITY = {
    "near_miss": "unanswerable",
    "off_topic": "unanswerable",
    "unclear": "clarify",
    "small_talk": "small_talk",
    "injection": "refuse",
}
CORPUS = click.option(
    "--corpus", type=click.Path(path_type=Path, file_okay=False), help="The documents  [default: $CITEWELL_CORPUS]"
)


@click.command()
@FACTS
@CORPUS
@click.option("--at-least", type=click.IntRange(min=0), default=10, show_default=True, help="Cases in each category.")
def validate(facts: Path | None, corpus: Path | None, at_least: int) -> None:
    """Check the form of the known facts, and that every quotation stands in its document."""
    from evals.cases import FACTS as SHIPPED
    from evals.validate import texts_of
    from evals.validate import validate as check

    cases, problems = check(facts or SHIPPED, texts_of(settings_from(corpus=corpus).corpus), at_least=at_least)
    for problem in problems:
        click.echo(f"{problem}.")
    if problems:
        click.echo(f"{len(problems)} problems. Mend them and run the same again.", err=True)
        raise SystemExit(1)
    questions = sum(len(case.turns) for case in cases)
    unanswerable = sum(not turn.is_answerable for case in cases for turn in case.turns)
    click.echo(f"{len(cases)} cases with {questions} questions are valid; {unanswerable} are not answerable.")


@click.command()
@click.option("--question", prompt="Question, as a person would type it")
@click.option("--category", type=click.Choice(CATEGORIES), prompt="Category", default="single_fact", show_default=True)
@click.option(
    "--expect",
    help="What a right answer has: `;` between facts, `|` between wordings of one. Empty: there is no answer.",
)
@click.option("--must-not", default="", help="What a right answer doesn't have: `;` between strings.")
@click.option("--document", help="The document that has the answer  [default: the likeliest, to be confirmed]")
@click.option("--severity", type=click.Choice(["critical", "normal", "minor"]), default="normal", prompt="Severity")
@click.option("--note", default="", help="Why the case is as it is.")
@click.option("--facts", type=click.Path(path_type=Path), help="Where the case goes  [default: the shipped facts]")
@CORPUS
@click.option("--yes", is_flag=True, help="Don't ask before writing.")
def add(
    question: str,
    category: str,
    expect: str | None,
    must_not: str,
    document: str | None,
    severity: str,
    note: str,
    facts: Path | None,
    corpus: Path | None,
    yes: bool,
) -> None:
    """Add a known fact: asks for what is missing, finds the quotation, checks the case and writes it."""
    from evals import add as adding
    from evals.cases import FACTS as SHIPPED
    from evals.cases import load
    from evals.errors import FactsError
    from evals.validate import faults_of, texts_of

    folder = facts or SHIPPED
    if expect is None and category in ANSWERABILITY:
        expect = ""
    if expect is None:
        expect = click.prompt("Expected facts (`;` between facts, `|` between wordings; empty: none)", default="")
    expected = adding.facts_from(expect)
    texts = texts_of(settings_from(corpus=corpus).corpus)
    if expected and not document:
        document = click.prompt("Document", default=adding.best_document(texts, expected, question) or None)
    answerability = "answerable" if expected else ANSWERABILITY.get(category, "unanswerable")
    case = adding.make_case(
        question,
        category=category if expected or category in ANSWERABILITY else "near_miss",
        severity=severity,
        answerability=answerability,
        facts=expected,
        must_not=[one.strip() for one in must_not.split(";") if one.strip()],
        document_id=document or "",
        texts=texts,
        others=load(folder) if folder.exists() else [],
        note=note,
    )
    for gold in case.turns[0].gold:
        click.echo(f"It stands in {gold.document_id}, {gold.section}: “{gold.quote}”")
    faults = faults_of(case, texts)
    if faults:
        raise FactsError(f"The case is not valid: {'; '.join(faults)}.")
    if not yes:
        click.confirm(f"Write it as '{case.id}' ({case.category}, {case.split})?", abort=True, default=True)
    click.echo(f"Added to '{adding.append(folder, case)}'. Renew the baseline with it: citewell eval gate --renew")


@click.command()
@click.option("--from", "source", type=click.Path(path_type=Path, dir_okay=False), help="A file of events.")
@FACTS
@DATA_DIR
def triage(source: Path | None, facts: Path | None, data_dir: Path | None) -> None:
    """List answers that were marked down, questions that found no answer, and reports, to make cases of them."""
    from bot.memory.store import open_store
    from evals.cases import FACTS as SHIPPED
    from evals.cases import load
    from evals.triage import complaints, events_in, read_events, shown

    if source:
        place, events = f"'{source}'", read_events(source)
    else:
        settings = settings_from(data_dir=data_dir)
        with open_store(settings.database_address, retention_days=settings.retention_days, must_work=True) as store:
            place, events = store.place, events_in(store)
    found = complaints(events, load(facts or SHIPPED))
    click.echo("\n\n".join(map(shown, found)) if found else f"{place} has no complaint and no unanswered question.")
