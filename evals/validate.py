"""Validate known facts: their form, and that what they quote stands in the documents."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from evals import jsonl
from evals.cases import FACTS, Case, case_from, fact_files
from evals.errors import FactsError
from evals.wording import has, normal
from ingest.errors import UnreadableDocument
from ingest.folder import document_paths
from ingest.load import load

SCHEMA = FACTS / "schema.json"
AT_LEAST = 10  # cases of a category: of fewer, one more or less is ten points and means nothing


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a case, where, and how to mend it."""

    file: Path
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.says}" if self.line else f"{self.file}: {self.says}"


def validate(path: Path, texts: Mapping[str, str], *, at_least: int = AT_LEAST) -> tuple[list[Case], list[Problem]]:
    """Read the cases at a path with everything that is wrong with them; `texts` are the documents by id."""
    cases: list[Case] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for file in fact_files(path):
        for number, value in _lines(file, problems):
            problems += [Problem(file, number, says) for says in _faults(value, texts)]
            name = str(value.get("id", ""))
            if name in seen:
                problems.append(Problem(file, number, f"the id '{name}' is used already in {seen[name]}. Give another"))
            seen.setdefault(name, f"{file.name}, line {number}")
            if not any(problem.file == file and problem.line == number for problem in problems):
                cases.append(case_from(value))
    count = Counter(case.category for case in cases)
    for category, cases_of_it in sorted(count.items()):
        if cases_of_it < at_least:
            says = f"the category '{category}' has {cases_of_it} cases; write {at_least - cases_of_it} more"
            problems.append(Problem(path, 0, says))
    return cases, problems


def texts_of(corpus: Path) -> dict[str, str]:
    """The documents of a folder by id; those that can't be read are left out."""
    texts = {}
    for path in document_paths(corpus):
        try:
            document = load(path, corpus)
        except UnreadableDocument:
            continue
        texts[document.id] = document.text
    return texts


def faults_of(case: Case, texts: Mapping[str, str]) -> list[str]:
    """What is wrong with one case."""
    return list(_faults(case.to_json(), texts))


def _lines(file: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file, going on after a line that is none."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(file, 0, "it can't be read. Save it as UTF-8"))
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as wrong:
            problems.append(Problem(file, number, f"this is not JSON ({wrong}). Write one JSON object on one line"))
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            problems.append(Problem(file, number, "this is no JSON object. Write it in braces: {…}"))


def _faults(value: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    wrong = sorted(_validator("conversation" if "turns" in value else "question").iter_errors(value), key=str)
    if wrong:
        yield from map(_said, wrong)
        return
    for turn in value.get("turns", [value]):
        for gold in turn["gold"]:
            text = texts.get(gold["document_id"])
            if text is None:
                yield f"there is no document '{gold['document_id']}'. Correct its name, or add it to the corpus"
            elif gold["quote"] not in text:
                yield (
                    f"the quotation “{_short(gold['quote'])}” doesn't stand in '{gold['document_id']}'. "
                    "Copy it from there, character by character"
                )
        golds = {gold["document_id"] for gold in turn["gold"]}
        told = normal(" ".join(texts.get(name, "") for name in golds))
        for fact in turn["facts"]:
            if golds <= texts.keys() and not any(has(told, string) for string in fact["any_of"]):
                yield f"none of the wordings {fact['any_of']} occurs in its gold documents. Add the one they use"


@cache
def _validator(kind: str) -> Draft202012Validator:
    try:
        schema = jsonl.read_one(SCHEMA, error=FactsError)
    except FactsError as error:
        raise FactsError(f"{error} It comes with Citewell: install it again.") from error
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def _said(error: ValidationError) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    match error.validator:
        case "maxItems" if place.endswith("facts"):
            says = "a question that is not answerable has no facts. Empty the list, or make it answerable"
        case "minItems":
            says = "an answerable question needs at least one. Add it" if error.instance == [] else error.message
        case _:
            says = error.message
    return f"'{place}': {_short(says, 200)}" if place else _short(says, 200)


def _short(text: str, most: int = 60) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0] + " …"
