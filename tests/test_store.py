"""The index, the same on an embedded Chroma and on a Chroma server."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import chromadb
import pytest
from chromadb.config import Settings
from chromadb.errors import NotFoundError
from conftest import found_by_meaning, found_by_words, ingested, opened, write

from ingest.embed import Embedder, open_embedder
from ingest.errors import IndexMismatch, IndexUnreachable, NoIndex
from ingest.store import COLLECTION

NETWORKS = "There are 42 primary care networks in the county."
TABLE = "| Name | Post |\n|---|---|\n| Ann 🙂 | Chair |\n"
FOOTBALL = "An event about the plan was held at the football ground."


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server on a free port of this machine."""
    port = free_port()
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [Path(sys.executable).with_name("chroma"), "run", "--path", folder, "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, cwd=folder)
    try:
        await_heartbeat(f"http://127.0.0.1:{port}/api/v2/heartbeat", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def await_heartbeat(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the Chroma server ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the Chroma server gave no heartbeat in 30 seconds")


@pytest.fixture(params=["embedded", pytest.param("server", marks=pytest.mark.server)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an index may be made: a folder, and an empty server."""
    if request.param == "embedded":
        return str(tmp_path / "index")
    address = str(request.getfixturevalue("chroma_server"))
    with suppress(NotFoundError):
        client_of(address).delete_collection(COLLECTION)
    return address


def client_of(location: str) -> chromadb.ClientAPI:
    settings = Settings(anonymized_telemetry=False)
    if location.startswith("http"):
        return chromadb.HttpClient(host="127.0.0.1", port=int(location.rpartition(":")[2]), settings=settings)
    return chromadb.PersistentClient(path=location, settings=settings)


def test_nothing_ingested_is_said_with_the_command_that_mends_it(
    location: str, data_dir: Path, embedder: Embedder
) -> None:
    with pytest.raises(NoIndex, match="Run: citewell ingest"):
        opened(data_dir, embedder, location=location)


def test_what_was_added_is_found_by_words_and_by_meaning(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS, event_md=FOOTBALL)
    ingested(folder, data_dir, embedder, location=location)
    index = opened(data_dir, embedder, location=location)
    assert found_by_words(index, "football") == [FOOTBALL]
    assert found_by_meaning(index, "groups of doctors' practices", embedder)[0] == NETWORKS


def test_a_passage_comes_back_as_it_went_in(location: str, folder: Path, data_dir: Path, embedder: Embedder) -> None:
    text = (
        "---\ntitle: Posts\ndate: 2022\n---\n# Posts\n\nThey are:\n\n| Name | Post |\n|---|---|\n| Ann | Chair 🙂 |\n"
    )
    write(folder, posts_md=text)
    ingested(folder, data_dir, embedder, location=location)
    index = opened(data_dir, embedder, location=location)
    stored = {row.passage.id: row.passage for row in index.store.rows()}
    assert stored == {passage.id: passage for passage in index.catalog.all_passages()}
    document = index.catalog.document("posts.md")
    assert document is not None
    assert (document.title, document.date) == ("Posts", "2022")
    for passage in stored.values():
        assert document.text[passage.start : passage.end] == passage.text


def test_a_changed_document_is_found_as_it_is_now(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder, location=location)
    write(folder, networks_md=FOOTBALL)
    ingested(folder, data_dir, embedder, location=location)
    index = opened(data_dir, embedder, location=location)
    assert found_by_words(index, "networks football") == [FOOTBALL]
    assert found_by_meaning(index, "networks", embedder) == [FOOTBALL]
    assert index.store.count() == 1


def test_a_removed_document_is_found_no_more(location: str, folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS, event_md=FOOTBALL)
    ingested(folder, data_dir, embedder, location=location)
    (folder / "event.md").unlink()
    ingested(folder, data_dir, embedder, location=location)
    index = opened(data_dir, embedder, location=location)
    assert found_by_words(index, "football") == []
    assert found_by_meaning(index, "football", embedder) == [NETWORKS]
    assert index.store.count() == 1


def test_an_index_of_nothing_finds_nothing(location: str, folder: Path, data_dir: Path, embedder: Embedder) -> None:
    ingested(folder, data_dir, embedder, location=location)
    index = opened(data_dir, embedder, location=location)
    assert found_by_words(index, "football") == []
    assert found_by_meaning(index, "football", embedder) == []


def test_another_embedder_is_refused_with_the_command_that_mends_it(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder, location=location)
    with pytest.raises(IndexMismatch, match=r"'all-MiniLM-L6-v2'.*'another/model'.*Run: citewell ingest --rebuild"):
        opened(data_dir, open_embedder("another/model"), location=location)
    assert found_by_words(opened(data_dir, embedder, location=location), "networks") == [NETWORKS]


def test_another_schema_is_refused_with_the_command_that_mends_it(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder, location=location)
    collection = client_of(location).get_collection(COLLECTION)
    collection.modify(metadata={**(collection.metadata or {}), "schema": 0})
    with pytest.raises(IndexMismatch, match="Run: citewell ingest --rebuild"):
        opened(data_dir, embedder, location=location)
    ingested(folder, data_dir, embedder, location=location, rebuild=True)
    assert found_by_words(opened(data_dir, embedder, location=location), "networks") == [NETWORKS]


def test_a_rebuild_reads_everything_again(location: str, folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS, event_md=FOOTBALL)
    ingested(folder, data_dir, embedder, location=location)
    report = ingested(folder, data_dir, embedder, location=location, rebuild=True)
    assert report.added == ["event.md", "networks.md"]
    index = opened(data_dir, embedder, location=location)
    assert found_by_words(index, "football") == [FOOTBALL]
    assert index.store.count() == 2


def test_a_second_machine_derives_what_it_needs_and_finds_the_same(
    location: str, folder: Path, tmp_path: Path, embedder: Embedder
) -> None:
    text = (
        "# A\n\nBefore.\n\n---\n\n" + NETWORKS + "\n\n| Name | Post |\n|---|---|\n| Ann | Chair |\n\n<!-- after -->\n"
    )
    write(folder, networks_md=text, event_md=FOOTBALL)
    ingested(folder, tmp_path / "first", embedder, location=location)
    first = opened(tmp_path / "first", embedder, location=location)
    second = opened(tmp_path / "second", embedder, location=location)
    assert second.catalog.documents() == first.catalog.documents()
    assert list(second.catalog.all_passages()) == list(first.catalog.all_passages())
    for name in ("networks.md", "event.md"):
        assert second.catalog.document(name) == first.catalog.document(name)
    for question in ("football", "who is the chair", "networks in the county"):
        assert second.search(question, limit=5) == first.search(question, limit=5)
        vector = embedder.embed_query(question)
        assert second.nearest(vector, limit=5) == first.nearest(vector, limit=5)


def test_a_change_made_on_one_machine_is_found_on_the_other(
    location: str, folder: Path, tmp_path: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, tmp_path / "first", embedder, location=location)
    opened(tmp_path / "second", embedder, location=location)
    write(folder, networks_md=FOOTBALL)
    ingested(folder, tmp_path / "second", embedder, location=location)
    index = opened(tmp_path / "first", embedder, location=location)
    assert found_by_words(index, "networks football") == [FOOTBALL]


def test_a_lost_catalogue_and_word_index_are_derived_again(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder, location=location)
    for path in data_dir.glob("catalog.sqlite3*"):
        path.unlink()
    assert found_by_words(opened(data_dir, embedder, location=location), "networks") == [NETWORKS]


def test_the_index_is_a_langchain_vector_store_too(
    location: str, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder, location=location)
    store = opened(data_dir, embedder, location=location).store.as_vector_store()
    (found,) = store.similarity_search("networks", k=1)
    assert found.page_content.endswith(NETWORKS)
    assert found.metadata["document_id"] == "networks.md"


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "http://127.0.0.1:{port}/", "http://127.0.0.1:none"])
def test_a_server_that_does_not_answer_is_said(address: str, data_dir: Path, embedder: Embedder) -> None:
    with pytest.raises(IndexUnreachable, match=r"doesn't answer. Start it, or correct CITEWELL_INDEX"):
        opened(data_dir, embedder, location=address.format(port=free_port()))
