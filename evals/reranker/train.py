"""Train the reranker: `python -m evals.reranker.train BENCH_FOLDER OUT.onnx`.

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

from bot.answer.evidence import JUDGED
from bot.rerank.score import MAX_PIECES
from evals.reranker.examples import Example, organisations, sections, squad
from ingest.embed import model_folder

SEED = 13
HARD = 14  # the likeliest units that don't answer, of which NEGATIVES - 1 are read; one more comes from the rest
NEGATIVES = 6  # units that don't answer, for each question; one more where nothing answers
POSITIVES = 2  # units that answer, at most
FROZEN_LAYERS = 2  # of six; with the word embeddings, they keep what they know
QUESTIONS_A_STEP = 8
AT_ONCE = 16  # units of like length in one batch, so that little is padding
LEARNING_RATE = 9e-5
HELD_OUT = ("harrowdale-fire", "penhallow-police")  # the organisations that are measured on and not learnt from


def main() -> None:
    """Train, report on a held-out organisation, and write the quantized model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with squad2_half_dev")
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=float, default=1.7)
    parser.add_argument("--sections", type=int, default=2000, help="questions about the written sections to use")
    parser.add_argument("--squad", type=int, default=600, help="questions of SQuAD to use")
    given = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    found = list(organisations())
    held = [example for example in found if example.group in HELD_OUT]
    training = [example for example in found if example.group not in HELD_OUT]
    training += _some(list(sections()), given.sections) + _some(
        list(squad(given.bench / "squad2_half_dev")), given.squad
    )
    print("training on", len(training), "questions, held out", len(held), flush=True)
    tokenizer = AutoTokenizer.from_pretrained(model_folder())
    # In bfloat16 and without dropout a step takes less than half the time on processors that have the former.
    model = AutoModelForSequenceClassification.from_pretrained(
        model_folder(), num_labels=1, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    ).to(torch.bfloat16)
    _train(model, tokenizer, training, epochs=given.epochs)
    print("held out:", evaluate(model, tokenizer, held), flush=True)
    _write(model, tokenizer, given.out)


def _some(examples: list[Example], count: int) -> list[Example]:
    return random.sample(examples, min(count, len(examples)))


def _train(model, tokenizer, examples: list[Example], *, epochs: float) -> None:  # type: ignore[no-untyped-def]
    for name, parameter in model.named_parameters():
        layer = name.partition("encoder.layer.")[2].partition(".")[0]
        if ".embeddings." in name or (layer and int(layer) < FROZEN_LAYERS):
            parameter.requires_grad = False
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # Steps are too small for bfloat16: they add up in copies of the weights.
    exact = [parameter.detach().float().clone().requires_grad_() for parameter in learnt]
    groups = [
        {"params": [p for p in exact if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in exact if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE)
    steps = int(epochs * (len(examples) // QUESTIONS_A_STEP))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.05 * steps), max(0.02, 1.0 - step / steps))
    )
    began, recent = time.monotonic(), []
    model.train()
    for done, step in zip(range(1, steps + 1), _batches(examples), strict=False):
        questions, units, targets, sizes = _sampled(step)
        loss = _loss(_scores(model, tokenizer, questions, units), targets, sizes)
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for copy, parameter in zip(exact, learnt, strict=True):
            copy.grad = parameter.grad.float() if parameter.grad is not None else None
        torch.nn.utils.clip_grad_norm_(exact, 1.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for copy, parameter in zip(exact, learnt, strict=True):
                parameter.copy_(copy)
        recent.append(loss.item())
        if done % 50 == 0:
            left = (time.monotonic() - began) / done * (steps - done) / 60
            print(f"step {done}/{steps} loss {np.mean(recent[-100:]):.3f} minutes left {left:.1f}", flush=True)
    model.float()
    with torch.no_grad():
        for copy, parameter in zip(exact, learnt, strict=True):
            parameter.copy_(copy)


def _batches(examples: list[Example]) -> Iterator[list[Example]]:
    while True:
        random.shuffle(examples)
        for start in range(0, len(examples) - QUESTIONS_A_STEP + 1, QUESTIONS_A_STEP):
            yield examples[start : start + QUESTIONS_A_STEP]


def _sampled(step: list[Example]) -> tuple[list[str], list[str], list[bool], list[int]]:
    questions: list[str] = []
    units: list[str] = []
    targets: list[bool] = []
    sizes: list[int] = []
    for example in step:
        others = [unit for number, unit in enumerate(example.units) if number not in example.answers]
        near, far = others[:HARD], others[HARD:]
        count = NEGATIVES - 1 + (not example.answers)
        wrong = random.sample(near, min(count, len(near))) + random.sample(far, min(1, len(far)))
        answering = sorted(example.answers)
        right = [example.units[i] for i in random.sample(answering, min(POSITIVES, len(answering)))]
        units += right + wrong
        questions += [example.question] * (len(right) + len(wrong))
        targets += [True] * len(right) + [False] * len(wrong)
        sizes.append(len(right) + len(wrong))
    return questions, units, targets, sizes


def _scores(model, tokenizer, questions: list[str], units: list[str]) -> torch.Tensor:  # type: ignore[no-untyped-def]
    order = sorted(range(len(units)), key=lambda number: len(units[number]))
    found = []
    for start in range(0, len(order), AT_ONCE):
        part = order[start : start + AT_ONCE]
        batch = tokenizer(
            [questions[i] for i in part],
            [units[i] for i in part],
            truncation="only_second",
            max_length=MAX_PIECES,
            padding=True,
            return_tensors="pt",
        )
        found.append(model(**batch).logits[:, 0].float())
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back]


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
    with torch.no_grad():
        for example in examples:
            units = list(example.units[:JUDGED])
            scores = _scores(model, tokenizer, [example.question] * len(units), units)
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
