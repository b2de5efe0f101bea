"""What proving costs beside a chat model: milliseconds an answer, and the time to the first proven sentence."""

import json
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot.answer.evidence import Evidence
from bot.answer.extract import not_found
from bot.answer.verify import Asked
from bot.answer.written.given import Given, chosen
from bot.answer.written.release import Release
from bot.answer.written.write import write
from bot.assemble import Bot, open_bot, open_model, open_reranker
from bot.explain import Looked
from bot.models.ask import Errand
from bot.settings import BotSettings
from bot.types import Dropped, Said
from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, questions
from evals.speed.scripted import TOKEN, saying
from evals.speed.workers import citewell

QUESTIONS = 40
TIMED = 8  # questions that are asked over HTTP, at a model's pace
SENTENCES = 4  # as the prompt asks for
RATE, FIRST = 60.0, 0.4  # tokens a second, and seconds to the first: what small hosted models do
PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)


class _Said(Errand):
    """An errand to a model that has said everything already."""

    def __init__(self, model: Any, text: str) -> None:
        super().__init__(model)
        self._text = text

    def say(self, messages: list[tuple[str, str]], shape: dict[str, Any]) -> Iterator[str]:  # noqa: ARG002
        """The text, a token at a time."""
        yield from (self._text[at : at + TOKEN] for at in range(0, len(self._text), TOKEN))


def measure(workspace: Path, *, quick: bool) -> list[Figure]:
    """Time the proof of answers of four sentences, one of them wrong, and answers at a fixed rate of tokens."""
    data_dir = workspace / "corpus-index"
    citewell("ingest", CORPUS, "--data-dir", data_dir)
    asked = questions(QUESTIONS)
    proofs = _proofs(data_dir, asked)
    firsts, over, wholes = _at_a_rate(data_dir, asked[:: len(asked) // (2 if quick else TIMED)])
    return [
        Figure("proving an answer", p50(proofs), "ms", "<=", 30, f"p50 of {len(proofs)}; most {max(proofs):.1f}"),
        Figure(
            "first proven sentence", p50(firsts), "s", how=f"p50 of {len(firsts)}, {RATE:g} tokens/s after {FIRST:g} s"
        ),
        Figure("... beside the model's own time", p50(over), "ms", how=f"p50; most {max(over):.0f}; search included"),
        Figure("whole answer", p50(wholes), "s", how=f"{SENTENCES} sentences, one of them wrong and asked for again"),
    ]


def _proofs(data_dir: Path, asked: list[str]) -> list[float]:
    """Milliseconds of choosing passages, reading, proving and releasing; the reranker is asked as in answers."""
    settings = BotSettings(data_dir=data_dir)
    bot, reranker = open_bot(settings), open_reranker(settings.reranker)
    model = open_model(settings.model_copy(update={"answerer": "http://127.0.0.1:9/v1"}))
    took = []
    for question in asked:
        looked = [one for one in bot.explain(question).looked if one.evidence]
        if not looked:
            continue
        text = _text_of(looked)
        for _ in range(2):  # the first time warms what is kept for passages
            began = time.perf_counter()
            _write(bot, question, looked, _Said(model, text), reranker)
            milliseconds = (time.perf_counter() - began) * 1000
        took.append(milliseconds)
    return took


def _write(bot: Bot, question: str, looked: list[Looked], errand: Errand, reranker: Any) -> None:
    answered: list[tuple[Any, list[Evidence]]] = [(one.query, list(one.evidence)) for one in looked]
    documents = bot.index.document
    release = Release(Asked(question, question, "c"), documents, lambda said: None)
    draft = not_found(*answered[0])
    write(question, answered, draft, errand=errand, release=release, documents=documents, reranker=reranker)


def _text_of(looked: list[Looked]) -> str:
    """What a model says that quotes the best evidence, and one thing wrong."""
    given = Given("", chosen([one.evidence for one in looked]))
    numbers = {passage: number for number, passage in enumerate(given.passages, start=1)}
    units = [(numbers[one.passage], one.text) for one in looked[0].evidence if one.passage in numbers]
    return _answer([*units[: SENTENCES - 1], (1, "")])


def _answer(units: list[tuple[int, str]]) -> str:
    told = [
        {"quotes": [{"passage": number, "words": text or "nothing of it"}], "text": text or "There are 4321 of them."}
        for number, text in units
    ]
    return json.dumps(
        {"sentences": told, "conflicts": [], "completeness": "complete", "missing": ""}, ensure_ascii=False
    )


def _quoting(user: str) -> str:
    """What a scripted model says to the passages that it is shown; asked again, it says nothing more."""
    if "<sentences>" in user:
        return json.dumps({"sentences": [], "conflicts": [], "completeness": "none", "missing": ""})
    firsts = [(int(number), re.split(r"(?<=\.)\s|\n", text)[0].strip("- ")) for number, text in PASSAGE.findall(user)]
    return _answer([*firsts[: SENTENCES - 1], (1, "")])


def _at_a_rate(data_dir: Path, asked: list[str]) -> tuple[list[float], list[float], list[float]]:
    """Seconds to the first proven sentence, milliseconds of it after its last token was sent, seconds to the end."""
    firsts, over, wholes = [], [], []
    texts: list[str] = []

    def script(user: str) -> str:
        texts.append(_quoting(user))
        return texts[-1]

    with saying(script, rate=RATE, first=FIRST) as url:
        bot = open_bot(BotSettings(data_dir=data_dir, answerer=url, reranker="off", model_cache_days=0))
        bot.ask(asked[0])  # which opens the model
        for question in asked:
            texts.clear()
            said: list[tuple[float, str]] = []
            began = time.perf_counter()
            bot.ask(question, progress=partial(_note, said))
            whole = time.perf_counter() - began
            if said and said[0][1].rstrip(".") in texts[0]:  # not so where it is dated, or the question was rewritten
                at, text = said[0]
                firsts.append(at - began)
                wholes.append(whole)
                over.append((at - began - FIRST - _tokens_until(text, texts[0]) / RATE) * 1000)
    return firsts, over, wholes


def _note(said: list[tuple[float, str]], step: str | Said | Dropped) -> None:
    if isinstance(step, Said):
        said.append((time.perf_counter(), step.sentence.text))


def _tokens_until(sentence: str, text: str) -> int:
    """How many tokens were sent when a sentence of a text was complete, with the brace behind it."""
    told = sentence.rstrip(".")
    return (text.rindex(told) + len(told) + len('."}')) // TOKEN
