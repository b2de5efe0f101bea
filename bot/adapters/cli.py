"""The command line: `citewell`."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.adapters.http.keys_command import keys
from bot.adapters.slack.cli import slack

# What takes long to import is imported by the command that needs it: `citewell --help` answers in half a second.
if TYPE_CHECKING:
    from bot.assemble import Bot
    from bot.memory.store import Store
    from bot.memory.types import Memory
    from bot.settings import BotSettings
    from ingest.sync import SyncReport

DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where index and other state live  [default: $CITEWELL_DATA_DIR or .citewell]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Plugins(click.Group):
    """A group that also has the commands that other packages add, such as `eval`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *(entry.name for entry in _plugins())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command:
            return command
        plugin = next((entry for entry in _plugins() if entry.name == cmd_name), None)
        return plugin.load() if plugin else None


def _plugins() -> Iterator[Any]:
    yield from entry_points(group="citewell.commands")


@click.group(cls=_Plugins, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("citewell"), prog_name="citewell")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Answer questions from your documents, every sentence backed by a quotation."""
    ctx.obj = {"debug": debug}


@cli.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Drop the index and build it again.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--watch", is_flag=True, help="Then follow the folder, until Ctrl-C.")
@click.option("--allow-empty", is_flag=True, help="Forget all documents where the folder has none.")
@DATA_DIR
@JSON
def ingest(
    path: Path | None,
    rebuild: bool,
    dry_run: bool,
    watch: bool,
    allow_empty: bool,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Bring the index in step with the documents in PATH (default: the corpus)."""
    if dry_run and (watch or rebuild):
        raise click.UsageError("--dry-run goes with neither --watch nor --rebuild.")
    from bot.adapters import ingesting

    def show(report: "SyncReport") -> None:
        if as_json:
            click.echo(ingesting.as_json(report))
        else:
            ingesting.print_report(report, dry_run=dry_run)

    settings = _settings(data_dir=data_dir, corpus=path)
    options: dict[str, Any] = {"rebuild": rebuild, "allow_empty": allow_empty, "quiet": as_json}
    if watch:
        with suppress(KeyboardInterrupt):
            ingesting.keep_in_step(settings, show, **options)
        return
    report = ingesting.bring_in_step(settings, dry_run=dry_run, **options)
    show(report)
    if report.failed:
        raise SystemExit(1)


@cli.command()
@click.argument("question", required=False)
@click.option("--batch", type=click.Path(path_type=Path, dir_okay=False), help="Questions, a JSON object a line.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where answers to --batch go.")
@click.option("--explain", is_flag=True, help="Show the way to the answer: question, candidates, evidence, decision.")
@DATA_DIR
@JSON
def ask(
    question: str | None, batch: Path | None, output: Path | None, explain: bool, data_dir: Path | None, as_json: bool
) -> None:
    """Answer QUESTION, or with --batch a file of questions."""
    if (batch is None) != (output is None):
        raise click.UsageError("--batch and --output go together.")
    if (question is None) == (batch is None):
        raise click.UsageError("Give a question, or --batch with a file of questions.")
    if batch and explain:
        raise click.UsageError("--explain is for one question; --batch has many.")
    if batch and output:
        questions = _read_batch(batch)
        _answer_batch(bot_from(_settings(data_dir=data_dir)), questions, output)
        return
    from bot.understand import understand

    understand(question or "")  # an unusable question is refused before anything is loaded
    bot = bot_from(_settings(data_dir=data_dir))
    way: list[str] = []
    if explain:
        from bot.explain import lines_of

        explanation = bot.explain(question or "")
        answer, way = explanation.answer, lines_of(explanation)
    else:
        answer = bot.ask(question or "")
    if as_json:
        click.echo(json.dumps({**asdict(answer), **({"explanation": way} if explain else {})}, ensure_ascii=False))
    else:
        from bot.adapters.terminal import shown

        click.echo("\n".join([shown(answer), *([""] if way else []), *way]))


@cli.command()
@click.option("--host", help="The address to listen at  [default: $CITEWELL_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port  [default: $CITEWELL_PORT or 8080]")
@DATA_DIR
def serve(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Serve the web page and the HTTP API until stopped."""
    from bot.adapters.http.admission import check
    from bot.adapters.http.settings import ServiceSettings
    from ingest.settings import load_settings

    settings = load_settings(ServiceSettings, host=host, port=port, data_dir=data_dir)
    check(settings)
    from bot.adapters.http.server import serve

    with _store(settings) as store:
        bot = bot_from(settings, memory=store)
        also = _slack_routes(bot, store, data_dir=data_dir)
        click.echo(f"Serving at http://{settings.host}:{settings.port} (stop with Ctrl-C)", err=True)
        serve(bot, store, settings, also=also)


@cli.command()
@DATA_DIR
@JSON
def documents(data_dir: Path | None, as_json: bool) -> None:
    """List the documents in the index."""
    catalog = bot_from(_settings(data_dir=data_dir)).index.catalog
    listed = [(document, catalog.count_passages(document.id)) for document in catalog.documents()]
    if as_json:
        rows = [
            {"id": document.id, "content_hash": document.content_hash, **document.about(), "passages": count}
            for document, count in listed
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from bot.adapters.terminal import document_table

    click.echo(document_table(listed))


@cli.command()
@click.argument("term", required=False)
@click.option("--unanswered", is_flag=True, help="Offer words of unanswered questions as rows for terms.md.")
@DATA_DIR
@JSON
def glossary(term: str | None, unanswered: bool, data_dir: Path | None, as_json: bool) -> None:
    """Explain the words of the documents, or TERM only, each with the sentence that defines it."""
    if term and unanswered:
        raise click.UsageError("Give a term or --unanswered, not both.")
    from bot.adapters.terminal_words import row_list, word_entry, word_list
    from bot.new_terms import rows_for
    from bot.words import find, words_in

    settings = _settings(data_dir=data_dir)
    catalog = bot_from(settings).index.catalog
    words = words_in(catalog, catalog.terms())
    if unanswered:
        with _store(settings, must_work=True) as store:
            rows = rows_for(store.conversations.unanswered(), words, catalog.words().__contains__)
        shown, text = [asdict(row) for row in rows], row_list(rows)
    elif term:
        word = find(term, words)
        shown, text = [word.to_json()], word_entry(word)
    else:
        shown, text = [word.to_json() for word in words], word_list(words)
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else text)


@cli.command()
@click.option("--slack", "with_slack", is_flag=True, help="Look at what the Slack adapter needs, too.")
@DATA_DIR
def doctor(with_slack: bool, data_dir: Path | None) -> None:
    """Check that everything is in place, and say what to do where it is not."""
    from bot.doctor import examine

    findings = list(examine(_settings(data_dir=data_dir)))
    if with_slack:
        from bot.adapters.slack.doctor import examine_slack
        from bot.adapters.slack.settings import SlackSettings
        from ingest.settings import load_settings

        findings += examine_slack(load_settings(SlackSettings, data_dir=data_dir))
    for finding in findings:
        click.echo(f"{finding.label:7}  {finding.what}: {finding.says}")
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


@cli.command()
@click.option("--continue", "resumed", is_flag=True, help="Go on with the last conversation.")
@DATA_DIR
def chat(resumed: bool, data_dir: Path | None) -> None:
    """Ask and answer in the terminal, turn by turn; :help there tells more."""
    settings = _settings(data_dir=data_dir)
    with _store(settings) as store:
        bot = bot_from(settings, memory=store)
        from bot.adapters.chat.chat import run
        from bot.adapters.chat.talk import Talk

        run(Talk(bot, store), resumed=resumed)


@cli.command()
@click.option("--again", is_flag=True, help="Begin with the first step again.")
@click.option("--check", is_flag=True, help="Check the quotations and questions of onboarding.md.")
@click.option("--write", is_flag=True, help="Draft onboarding.md from the documents.")
@click.option("--replace", is_flag=True, help="With --write: replace the file that is there.")
@DATA_DIR
@JSON
def onboard(again: bool, check: bool, write: bool, replace: bool, data_dir: Path | None, as_json: bool) -> None:
    """Lead a new starter through what the documents tell, step by step."""
    if [again, check, write, as_json].count(True) > 1 or (replace and not write):
        raise click.UsageError("Give one of --again, --check, --write, and --json; --replace goes with --write.")
    from bot.adapters import onboard as path
    from bot.onboarding import FILE, read_onboarding

    settings = _settings(data_dir=data_dir)
    bot = bot_from(settings)
    if write:
        click.echo(path.write(settings.corpus / FILE, bot, replace=replace))
        return
    onboarding = read_onboarding(settings.corpus, bot.index.catalog)
    problems = path.checked(onboarding, bot.ask) if check else onboarding.problems
    for problem in problems:
        click.echo(problem, err=True)
    if check:
        if problems:
            raise SystemExit(1)
        click.echo(f"All quotations stand, and all questions are answered: {len(onboarding.steps)} steps.")
        return
    with _store(settings) as store:
        if again:
            store.steps.clear("")
        if as_json:
            click.echo(json.dumps(onboarding.to_json(path.done_by(store.steps, "")), ensure_ascii=False))
        elif sys.stdin.isatty():
            path.walk(onboarding, bot.ask, store.steps)
        else:
            click.echo(path.whole(onboarding))


@cli.command()
@click.option("--conversation", metavar="ID", help="The conversation of this id.")
@click.option("--user", metavar="ASKER", help='All of one person, such as "slack:T1:U2"; "" is this terminal.')
@click.option("--older-than", type=click.FloatRange(0, 36500), metavar="DAYS", help="What is older than that.")
@DATA_DIR
@JSON
def forget(
    conversation: str | None, user: str | None, older_than: float | None, data_dir: Path | None, as_json: bool
) -> None:
    """Delete conversations for good, with the votes and reports about them."""
    if [conversation, user, older_than].count(None) != 2:
        raise click.UsageError("Give one of --conversation, --user, and --older-than.")
    with _store(_settings(data_dir=data_dir), must_work=True) as store:
        if conversation is not None:
            done = store.forget_conversation(conversation)
        elif user is not None:
            done = store.forget_user(user)
        else:
            done = store.forget_older(older_than or 0)
    counts = asdict(done)
    click.echo(json.dumps(counts) if as_json else f"Deleted: {', '.join(f'{n} {name}' for name, n in counts.items())}.")


cli.add_command(keys)
cli.add_command(slack)


def main() -> None:
    """Run the command line; an error is one sentence on stderr."""
    from ingest.errors import CitewellError

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    debug = "--debug" in sys.argv
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except CitewellError as error:
        _fail(str(error), debug=debug, code=_exit_status(error))
    except OSError as error:
        place = f" ('{error.filename}')" if error.filename else ""
        _fail(
            f"{error.strerror or error}{place}. Mend that and run the same again; nothing stored is lost.", debug=debug
        )
    except Exception as error:
        _fail(f"Something went wrong ({type(error).__name__}: {error}). Run it with `citewell --debug`.", debug=debug)


def _fail(message: str, *, debug: bool, code: int = 1) -> None:
    if debug:
        traceback.print_exc()
    click.echo(message, err=True)
    raise SystemExit(code)


def _exit_status(error: Exception) -> int:
    from bot.errors import QuestionError

    return 2 if isinstance(error, QuestionError) else 1


def _settings(**overrides: object) -> "BotSettings":
    from bot.settings import BotSettings
    from ingest.settings import load_settings

    return load_settings(BotSettings, **overrides)


def _store(settings: "BotSettings", *, must_work: bool = False) -> "AbstractContextManager[Store]":
    from bot.memory.store import open_store

    return open_store(settings.database_address, retention_days=settings.retention_days, must_work=must_work)


def _slack_routes(bot: "Bot", store: "Store", *, data_dir: Path | None) -> list[Any]:
    """The routes of Slack's HTTP mode, where the app's signing secret is set."""
    if not os.environ.get("SLACK_SIGNING_SECRET"):
        return []
    from bot.adapters.slack.app import a_slack_app
    from bot.adapters.slack.http import routers
    from bot.adapters.slack.settings import SlackSettings
    from ingest.settings import load_settings

    return routers(a_slack_app(bot, load_settings(SlackSettings, data_dir=data_dir), store=store))


def bot_from(settings: "BotSettings", *, memory: "Memory | None" = None) -> "Bot":
    from bot.assemble import open_bot
    from ingest.errors import NoIndex

    try:
        return open_bot(settings, memory=memory)
    except NoIndex:
        click.echo(f"There is no index yet: reading the documents in '{settings.corpus}' first.", err=True)
        from bot.adapters.ingesting import bring_in_step, print_failures

        print_failures(bring_in_step(settings))
        return open_bot(settings, memory=memory)


def _read_batch(path: Path) -> list[dict[str, str]]:
    from ingest.errors import CitewellError

    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # JSON may hold the other line breaks as they are
    except UnicodeDecodeError as error:
        raise CitewellError(f"'{path}' is not UTF-8 text. Save it as UTF-8.") from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError:
            given = None
        if not isinstance(given, dict) or not isinstance(given.get("question"), str) or "id" not in given:
            raise CitewellError(
                f"'{path}', line {number}: give a JSON object such as "
                '{"id": "1", "question": "Who chairs the board?"}.'
            )
        questions.append(given)
    return questions


def _answer_batch(bot: "Bot", questions: list[dict[str, str]], output: Path) -> None:
    # An id may be no valid text ("\ud800"); a backslash before its number is JSON for the same.
    with output.open("w", encoding="utf-8", errors="backslashreplace") as file:
        for given in questions:
            answer = bot.ask_safely(given["question"], conversation_id=str(given.get("conversation_id") or ""))
            file.write(json.dumps({**asdict(answer), "id": given["id"]}, ensure_ascii=False) + "\n")
            file.flush()


if __name__ == "__main__":
    main()
