"""Train the query encoder: `python -m evals.query_encoder.train OUT.onnx`.

A copy of the default embedder learns to put a question near the vectors of what answers it, among all other units and
passages of the same documents. Those vectors are the embedder's own and stay as they are, so an index needs no second
making, and a step costs no more than embedding a few questions (query-side fine-tuning: Lee et al., ACL 2021).
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from bot.assemble import open_bot
from bot.settings import BotSettings
from evals.reranker.examples import Asked, asked_of_organisations, span_of
from evals.reranker.train import HELD_OUT
from ingest.embed import DEFAULT, Matrix, model_folder, open_embedder
from ingest.quantize import quantize
from ingest.sync import sync

SEED = 1
QUESTIONS_A_STEP = 64
LEARNING_RATE = 4e-5
WARM_UP = 0.1  # of the steps
TEMPERATURE = 0.05
PASSAGE_SHARE = 0.5  # of the loss on passages beside that on units
MAX_PIECES = 96  # of a question


@dataclass(frozen=True, slots=True)
class Folder:
    """Documents of one organisation as vectors, and its questions.

    `units` and `passages` have a row each; `passage_of` is the row of each unit's passage. `asked` has each question
    with the rows of the units that answer it.
    """

    name: str
    units: Matrix
    passages: Matrix
    passage_of: np.ndarray
    asked: tuple[tuple[str, tuple[int, ...]], ...]


def main() -> None:
    """Train, report on the held-out organisations, and write the quantized model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=float, default=2.0)
    given = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    everything = list(folders())
    held = [folder for folder in everything if folder.name in HELD_OUT]
    training = [folder for folder in everything if folder.name not in HELD_OUT]
    print("training on", sum(len(folder.asked) for folder in training), "questions", flush=True)
    tokenizer = AutoTokenizer.from_pretrained(model_folder())
    model = AutoModel.from_pretrained(model_folder(), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)

    def encode(questions: Sequence[str]) -> torch.Tensor:
        batch = tokenizer(list(questions), padding=True, truncation=True, max_length=MAX_PIECES, return_tensors="pt")
        mask = batch["attention_mask"].unsqueeze(-1).float()
        pooled = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(pooled, dim=-1)

    def encoded(questions: Sequence[str]) -> Matrix:
        with torch.no_grad():
            vectors: Matrix = encode(questions).numpy()
        return vectors

    print("held out, before:", evaluate(encoded, held), flush=True)
    _train(model, encode, training, epochs=given.epochs)
    print("held out, after:", evaluate(encoded, held), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        model.eval().save_pretrained(folder)
        quantize(Path(folder), given.out)


def folders() -> Iterator[Folder]:
    """The written organisations, as the default embedder sees them."""
    for documents, asked in asked_of_organisations():
        yield folder_of(documents, asked)


def folder_of(documents: Path, asked: Sequence[Asked]) -> Folder:
    """One organisation, as the default embedder sees it."""
    embedder = open_embedder(DEFAULT)
    with tempfile.TemporaryDirectory() as data:
        settings = BotSettings(data_dir=Path(data), index="", corpus=documents, reranker="off", query_encoder="off")
        sync(documents, location=settings.index_location, data_dir=settings.data_dir, embedder=embedder)
        index = open_bot(settings).index
        catalog = index.catalog
        found = sorted(catalog.all_passages(), key=lambda one: (one.document_id, one.ordinal))
        units, places, passage_of, passages = [], [], [], []
        for number, passage in enumerate(found):
            document = catalog.document(passage.document_id)
            heads = [document.title if document else "", *passage.headings]
            passages.append(embedder.embed_query("\n".join([*heads, passage.text])))
            vectors = index.unit_vectors(passage, len(passages[0]))
            for unit, vector in zip(passage.units, vectors, strict=True):
                if unit.kind != "heading":
                    units.append(vector)
                    places.append((passage.document_id, unit.start, unit.end))
                    passage_of.append(number)
        questions = []
        for one in asked:
            spans = [(name, *span_of(quote, catalog.document(name))) for name, quote in one.gold]
            answering = tuple(
                row
                for row, (name, start, end) in enumerate(places)
                if any(name == gold and start < last and end > first for gold, first, last in spans)
            )
            if answering:
                questions.append((" ".join([*one.before[-1:], one.question]), answering))
        catalog.close()
    return Folder(
        asked[0].group, np.array(units), np.array(passages, np.float32), np.array(passage_of), tuple(questions)
    )


def _train(
    model: torch.nn.Module,
    encode: Callable[[Sequence[str]], torch.Tensor],
    training: Sequence[Folder],
    *,
    epochs: float,
) -> None:
    model.requires_grad_(True)
    model.embeddings.requires_grad_(False)
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=LEARNING_RATE, weight_decay=0.01)
    questions = [(folder, text, rows) for folder in training for text, rows in folder.asked]
    steps = int(epochs * (len(questions) // QUESTIONS_A_STEP))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM_UP * steps), max(0.02, 1.0 - step / steps))
    )
    began, recent = time.monotonic(), []
    model.train()
    for done, part in zip(range(1, steps + 1), _batches(questions), strict=False):
        vectors = encode([text for _, text, _ in part])
        loss = torch.stack(
            [_loss(vector, folder, rows) for vector, (folder, _, rows) in zip(vectors, part, strict=True)]
        ).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        recent.append(loss.item())
        if done % 50 == 0:
            left = (time.monotonic() - began) / done * (steps - done) / 60
            print(f"step {done}/{steps} loss {np.mean(recent[-50:]):.3f} minutes left {left:.1f}", flush=True)


def _batches(
    questions: list[tuple[Folder, str, tuple[int, ...]]],
) -> Iterator[list[tuple[Folder, str, tuple[int, ...]]]]:
    while True:
        random.shuffle(questions)
        for start in range(0, len(questions) - QUESTIONS_A_STEP + 1, QUESTIONS_A_STEP):
            yield questions[start : start + QUESTIONS_A_STEP]


def _loss(vector: torch.Tensor, folder: Folder, rows: tuple[int, ...]) -> torch.Tensor:
    passages = sorted({int(folder.passage_of[row]) for row in rows})
    return _contrast(folder.units, list(rows), vector) + PASSAGE_SHARE * _contrast(folder.passages, passages, vector)


def _contrast(rows: Matrix, answering: list[int], vector: torch.Tensor) -> torch.Tensor:
    """The negative log of the share that the answering rows have in the softmax of cosines (InfoNCE)."""
    scores = torch.from_numpy(rows) @ vector / TEMPERATURE
    return torch.logsumexp(scores, 0) - torch.logsumexp(scores[answering], 0)


def evaluate(encode: Callable[[Sequence[str]], Matrix], held: Sequence[Folder]) -> dict[str, float]:
    """How often a unit that answers is among the first 1, 5 and 24 by cosine."""
    places = []
    for folder in held:
        for text, rows in folder.asked:
            scores = folder.units @ encode([text])[0]
            places.append(int((scores > scores[list(rows)].max()).sum()))
    return {f"first {k}": round(float(np.mean(np.array(places) < k)), 3) for k in (1, 5, 24)}


if __name__ == "__main__":
    main()
