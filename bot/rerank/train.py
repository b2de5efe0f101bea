"""Train the reranker: `python -m bot.rerank.train BENCH_FOLDER OUT.onnx`.

A cross-encoder on the shipped MiniLM reads a question with one unit and gives one score s. Units of a question
compete with "nothing here answers", whose score is 0: the loss is the negative log of
sum(exp s of answering units) / (1 + sum(exp s)), or of 1 / (1 + sum(exp s)) where none answers. So a score above 0
means "rather this than nothing", and the same scores rank and refuse.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from bot.rerank.examples import Example, doc2dial, squad, written
from ingest.embed import DEFAULT, model_folder, open_embedder

SEED = 13
MAX_PIECES = 144
HARDEST = 2  # units of the same section that don't answer and are nearest to the question
OTHERS = 1  # further units of the section, at random; every other question gets one of another document as well
FROZEN_LAYERS = 2  # of six; with the word embeddings, they keep what they know
QUESTIONS_A_STEP = 8
LEARNING_RATE = 5e-5
HELD_OUT = 0.1


def main() -> None:
    """Train, report on held-out documents, and write the quantized model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with squad2_half_dev and doc2dial")
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--squad", type=int, default=1200, help="questions of SQuAD to use")
    parser.add_argument("--doc2dial", type=int, default=400, help="turns of Doc2Dial to use")
    given = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    sets = {
        "written": list(written()),
        "squad": list(squad(given.bench / "squad2_half_dev")),
        "doc2dial": list(doc2dial(given.bench / "doc2dial")),
    }
    training, held = {}, {}
    for name, examples in sets.items():
        training[name], held[name] = _divided(examples)
    mixture = (
        training["written"]
        + random.sample(training["squad"], min(given.squad, len(training["squad"])))
        + random.sample(training["doc2dial"], min(given.doc2dial, len(training["doc2dial"])))
    )
    print({name: len(examples) for name, examples in training.items()}, "training on", len(mixture), flush=True)
    tokenizer = AutoTokenizer.from_pretrained(model_folder())
    model = AutoModelForSequenceClassification.from_pretrained(model_folder(), num_labels=1)
    for epoch in _train(model, tokenizer, mixture, epochs=given.epochs):
        for name, kept in held.items():
            print(f"epoch {epoch} {name}:", evaluate(model, tokenizer, kept[:400]), flush=True)
        _write(model, tokenizer, given.out)


def _divided(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    groups = sorted({example.group for example in examples})
    random.Random(SEED).shuffle(groups)  # noqa: S311
    held = set(groups[: max(1, int(len(groups) * HELD_OUT))])
    return [e for e in examples if e.group not in held], [e for e in examples if e.group in held]


def _train(model, tokenizer, examples: list[Example], *, epochs: int) -> Iterator[int]:  # type: ignore[no-untyped-def]
    decay = [p for n, p in model.named_parameters() if p.ndim > 1]
    plain = [p for n, p in model.named_parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=LEARNING_RATE
    )
    steps = epochs * (len(examples) // QUESTIONS_A_STEP)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.06 * steps), max(0.0, 1.0 - step / steps))
    )
    strangers = [unit for example in examples for unit in example.units]
    hardest = _hardest_first(examples)
    for name, parameter in model.named_parameters():
        layer = name.partition("encoder.layer.")[2].partition(".")[0]
        if ".embeddings." in name or (layer and int(layer) < FROZEN_LAYERS):
            parameter.requires_grad = False
    done, began, recent = 0, time.monotonic(), []
    for epoch in range(epochs):
        model.train()
        random.shuffle(examples)
        for step in _batches(examples, QUESTIONS_A_STEP):
            questions, units, targets, sizes = _sampled(step, hardest, strangers)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = _scores(model, tokenizer, questions, units)
            loss = _loss(scores.float(), targets, sizes)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            recent.append(loss.item())
            if done % 50 == 0:
                left = (time.monotonic() - began) / done * (steps - done) / 60
                print(f"step {done}/{steps} loss {np.mean(recent[-100:]):.3f} minutes left {left:.1f}", flush=True)
        yield epoch + 1


def _batches(examples: list[Example], size: int) -> Iterator[list[Example]]:
    for start in range(0, len(examples) - size + 1, size):
        yield examples[start : start + size]


def _hardest_first(examples: list[Example]) -> dict[Example, list[int]]:
    """For each question the units that don't answer it, nearest first by the embedder."""
    embedder = open_embedder(DEFAULT)
    texts = list({unit for example in examples for unit in example.units})
    vectors = dict(zip(texts, np.array(embedder.embed_documents(texts)), strict=True))
    order = {}
    for example in examples:
        nearness = np.array([vectors[unit] for unit in example.units]) @ np.array(
            embedder.embed_query(example.question)
        )
        order[example] = [int(i) for i in np.argsort(-nearness) if int(i) not in example.answers]
    return order


def _sampled(
    step: list[Example], hardest: dict[Example, list[int]], strangers: list[str]
) -> tuple[list[str], list[str], list[bool], list[int]]:
    questions: list[str] = []
    units: list[str] = []
    targets: list[bool] = []
    sizes: list[int] = []
    for example in step:
        others = hardest[example]
        # An unanswerable question has no right unit to learn from, so it gets one more of the wrong ones.
        near, far = others[: HARDEST + (not example.answers)], others[HARDEST + (not example.answers) :]
        wrong = [example.units[i] for i in near + random.sample(far, min(OTHERS, len(far)))]
        wrong += random.sample(strangers, random.randint(0, 1))  # noqa: S311
        right = [example.units[i] for i in sorted(example.answers)][:3]
        units += right + wrong
        questions += [example.question] * (len(right) + len(wrong))
        targets += [True] * len(right) + [False] * len(wrong)
        sizes.append(len(right) + len(wrong))
    return questions, units, targets, sizes


def _scores(model, tokenizer, questions: list[str], units: list[str]) -> torch.Tensor:  # type: ignore[no-untyped-def]
    batch = tokenizer(
        questions, units, truncation="only_second", max_length=MAX_PIECES, padding=True, return_tensors="pt"
    )
    scores: torch.Tensor = model(**batch).logits[:, 0]
    return scores


def _loss(scores: torch.Tensor, targets: list[bool], sizes: list[int]) -> torch.Tensor:
    losses, at = [], 0
    for size in sizes:
        own = torch.cat([scores.new_zeros(1), scores[at : at + size]])
        right = torch.tensor([not any(targets[at : at + size]), *targets[at : at + size]])
        losses.append(torch.logsumexp(own, 0) - torch.logsumexp(own[right], 0))
        at += size
    return torch.stack(losses).mean()


def evaluate(model, tokenizer, examples: list[Example]) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """Answer-unit accuracy over answerable questions, and AUROC of the best score for answerability."""
    model.eval()
    first, best, answerable = [], [], []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for example in examples:
            scores = _scores(model, tokenizer, [example.question] * len(example.units), list(example.units)).float()
            best.append(float(scores.max()))
            answerable.append(bool(example.answers))
            if example.answers:
                first.append(int(scores.argmax()) in example.answers)
    result = {"accuracy": round(float(np.mean(first)), 3), "questions": float(len(examples))}
    if len(set(answerable)) == 2:
        result["auroc"] = round(_auroc(np.array(best), np.array(answerable)), 3)
    return result


def _auroc(scores: np.ndarray, labels: np.ndarray) -> float:
    from scipy.stats import mannwhitneyu

    statistic = mannwhitneyu(scores[labels], scores[~labels]).statistic
    return float(statistic / (labels.sum() * (~labels).sum()))


def _write(model, tokenizer, out: Path) -> None:  # type: ignore[no-untyped-def]
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Score(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model.eval()

        def forward(self, input_ids, attention_mask, token_type_ids):  # type: ignore[no-untyped-def]
            return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits[
                :, 0
            ]

    model.config._attn_implementation = "eager"
    out.parent.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tokenizer(["a question"] * 2, ["a unit"] * 2, return_tensors="pt")
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "fp32.onnx"
        torch.onnx.export(
            Score(),
            tuple(example[name] for name in names),
            str(full),
            input_names=names,
            output_names=["score"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in names} | {"score": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(str(full), str(out), weight_type=QuantType.QInt8, per_channel=True)


if __name__ == "__main__":
    main()
