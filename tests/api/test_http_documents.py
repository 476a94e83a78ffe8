"""Documents over HTTP: uploads, texts, originals, page images, lists, collections."""

import email.message
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import corpus
from tests.api.fields import DOCUMENT, FILE, JOB
from tests.api.servers import Json, Server, running_server
from tests.corpus.files import pdf

SAMPLE_PDF = Path(corpus.__file__).parent / "sample" / "tidal-annual-report-2024.pdf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("documents") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def report(server: Server) -> str:
    """The id of a PDF of several pages."""
    return str(server.add_file("report.pdf", SAMPLE_PDF.read_bytes())["results"][0]["document_id"])


def _document(server: Server, document_id: str, **params: str) -> Json:
    found: Json = server.client.get(f"/v1/documents/{document_id}", params=params).raise_for_status().json()
    return found


def _file_name(disposition: str) -> str | None:
    """As a browser reads it."""
    header = email.message.Message()
    header["Content-Disposition"] = disposition
    return header.get_filename()


# --- uploads ------------------------------------------------------------------------------------------------------


def test_an_upload_is_a_job_whose_document_answers(server: Server) -> None:
    answer = server.client.post(
        "/v1/documents",
        params={"collection": "harbour"},
        files={"file": ("ferry.md", b"# Ferry\n\nBicycles cost two crowns.")},
        data={"title": "Ferry prices", "metadata": '{"year": 2026}'},
    )
    assert answer.status_code == 202
    job = answer.json()
    assert job.keys() == JOB
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    ended = server.ended_job(job["id"])
    assert (ended["kind"], ended["status"], ended["done"], ended["total"]) == ("ingest", "done", 1, 1)
    assert ended["results"][0].keys() == FILE
    assert ended["results"][0]["status"] == "added"
    result = server.ask("What do bicycles cost?", collection="harbour", min_version=ended["seq"])
    assert result["citations"][0]["quote"] == "Bicycles cost two crowns."
    assert result["citations"][0]["section_path"] == ["Ferry"]
    document = _document(server, result["citations"][0]["document_id"])
    assert document.keys() == DOCUMENT | {"page_starts", "page_labels", "has_boxes", "sections"}
    assert (document["title"], document["name"], document["metadata"]) == ("Ferry prices", "ferry.md", {"year": 2026})
    assert (document["media_type"], document["collection"], document["pages"]) == ("text/markdown", "harbour", None)


def test_waiting_for_an_upload_gives_its_result(server: Server) -> None:
    answer = server.client.post("/v1/documents", params={"wait": 60}, json={"text": "Moles dig.", "uri": "note:1"})
    assert answer.status_code == 201
    assert answer.json()["status"] == "done"
    again = server.client.post("/v1/documents", params={"wait": 60}, json={"text": "Moles dig.", "uri": "note:1"})
    assert again.json()["results"][0]["status"] == "unchanged"
    assert again.json()["results"][0]["document_id"] == answer.json()["results"][0]["document_id"]


def test_the_same_id_again_replaces_the_document_whichever_way_it_comes(server: Server) -> None:
    path = "/v1/documents/menu of the day"
    first = server.add_file("menu.txt", b"The soup is leek.", "PUT", path)
    version = _document(server, "menu of the day")["version"]
    second = server.add_file("other name.txt", b"The soup is carrot.", "PUT", path)
    text = server.client.put(path, params={"wait": 60}, json={"text": "The soup is pea."})
    assert text.status_code == 201, text.text
    results = [first["results"][0], second["results"][0], text.json()["results"][0]]
    assert [result["document_id"] for result in results] == ["menu of the day"] * 3
    assert [result["status"] for result in results] == ["added", "updated", "updated"]
    assert server.client.get(f"{path}/text").text == "The soup is pea."
    assert server.client.get(f"{path}/text", params={"version": version}).text == "The soup is leek."
    soups = server.ask("Which soup is there?", rerank=False)["passages"]
    assert [soup["text"] for soup in soups if soup["document_id"] == "menu of the day"] == ["The soup is pea."]


def test_an_id_of_ones_own_and_a_file_of_that_name_are_two_documents(server: Server) -> None:
    by_name = server.add_file("twin.txt", b"I was posted.")["results"][0]["document_id"]
    by_id = server.add_file("twin.txt", b"I was put.", "PUT", "/v1/documents/twin.txt")["results"][0]["document_id"]
    assert by_id == "twin.txt" != by_name
    assert server.client.get(f"/v1/documents/{by_name}/text").text == "I was posted."
    assert server.client.get("/v1/documents/twin.txt/text").text == "I was put."


def test_documents_that_cannot_be_read_are_failed_jobs_with_a_reason(server: Server) -> None:
    files = {
        "empty.txt": (b" \n", "is empty"),
        "secret.pdf": (pdf(["Secret."], password="x"), "encrypted with a password"),
        "song.mp3": (b"ID3" + bytes(200), "an MP3 recording"),
    }
    for name, (data, said) in files.items():
        job = server.ended_job(server.client.post("/v1/documents", files={"file": (name, data)}).json()["id"])
        assert (job["status"], job["results"][0]["status"], job["seq"]) == ("failed", "failed", None)
        assert said in job["errors"][0]
        assert said in job["results"][0]["reason"]
        waited = server.client.post("/v1/documents", params={"wait": 60}, files={"file": (name, data)})
        assert waited.status_code == 422
        assert waited.headers["content-type"] == "application/problem+json"
        assert said in waited.json()["detail"]


# --- what is served -----------------------------------------------------------------------------------------------


def test_a_text_is_served_to_the_byte(server: Server) -> None:
    text = "Ünï\u0301cøde 👨‍👩‍👧‍👦\r\nsecond\rthird\u2028line \ufeff<b>bold</b>\t\x0cend"
    document = server.add_text(text, title="Odd")["results"][0]["document_id"]
    answer = server.client.get(f"/v1/documents/{document}/text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == text.replace("\r\n", "\n").replace("\r", "\n").encode()


def test_an_original_comes_back_as_an_attachment(server: Server, report: str) -> None:
    answer = server.client.get(f"/v1/documents/{report}/original")
    assert answer.content == SAMPLE_PDF.read_bytes()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''report.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_original_keeps_its_encoding(server: Server) -> None:
    data = "Käse kostet fünf Kronen, und Brötchen kosten zwölf Öre.".encode("cp1252")
    document = server.add_file("preise.txt", data)["results"][0]["document_id"]
    answer = server.client.get(f"/v1/documents/{document}/original")
    assert (answer.content, answer.headers["content-type"]) == (data, "text/plain")
    assert server.client.get(f"/v1/documents/{document}/text").text == data.decode("cp1252")


def test_a_page_of_html_cannot_run_in_the_browser(server: Server) -> None:
    page = b"<!doctype html><title>x</title><p>Owls hunt at night.<script>alert(1)</script>"
    document = server.add_file("page.html", page)["results"][0]["document_id"]
    answer = server.client.get(f"/v1/documents/{document}/original")
    assert answer.content == page
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


HOSTILE_NAME = '../../x\r\nSet-Cookie: a=b\r\n\r\n<script>";filename=y.exe\u202e\u0000ü\ud83d\ude00'.encode(
    "utf-16", "surrogatepass"
).decode("utf-16")


def test_a_hostile_file_name_is_only_a_name(server: Server) -> None:
    # As a title it gets through whole; in a form, browsers quote it.
    by_title = server.add_text("Owls hunt at night.", title=HOSTILE_NAME.replace("\u0000", ""))
    by_form = server.client.post(
        "/v1/documents",
        params={"wait": 60},
        content=_form(b'../../x\\..\\%0d%0aSet-Cookie: a=b%22; x="y\xc3\xbc\xff.txt', b"Owls sleep by day."),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert by_form.status_code == 201, by_form.text
    for job in (by_title, by_form.json()):
        document = job["results"][0]["document_id"]
        answer = server.client.get(f"/v1/documents/{document}/original")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''")
        assert not set(disposition) & set('\r\n"<>/\\')
        assert _file_name(disposition) == _document(server, document)["name"]
    assert {path.name for path in server.home.iterdir() if path.is_dir()} == {"index", "originals", "uploads"}
    assert not (server.home.parent / "x").exists()


def _form(file_name: bytes, data: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + file_name + b'"\r\n'
    return head + b"Content-Type: text/plain\r\n\r\n" + data + b"\r\n--b--\r\n"


def test_pages_of_a_pdf_are_images(server: Server, report: str) -> None:
    pages = _document(server, report)["pages"]
    assert pages > 1
    for page in (1, pages):
        answer = server.client.get(f"/v1/documents/{report}/pages/{page}.png")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")


def test_there_are_no_other_pages(server: Server, report: str) -> None:
    text = server.add_text("Owls hunt.", title="Owls")["results"][0]["document_id"]
    paths = (f"{report}/pages/0.png", f"{report}/pages/9999.png", f"{report}/pages/-1.png", f"{text}/pages/1.png")
    for path in (*paths, "none/pages/1.png"):
        answer = server.client.get(f"/v1/documents/{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (
        "only PDFs and images have page images"
        in server.client.get(f"/v1/documents/{text}/pages/1.png").json()["detail"]
    )


def test_a_removed_document_is_gone_at_once(server: Server) -> None:
    document = server.add_text("The cinema shows a film about whales.", title="Cinema")["results"][0]["document_id"]
    version = _document(server, document)["version"]
    assert server.client.delete(f"/v1/documents/{document}").status_code == 204
    for path in ("", "/text", "/original"):
        assert server.client.get(f"/v1/documents/{document}{path}").status_code == 404
    titles = [item["document_title"] for item in server.ask("film about whales", rerank=False)["passages"]]
    assert "Cinema" not in titles
    old = server.client.get(f"/v1/documents/{document}/text", params={"version": version})
    assert old.text == "The cinema shows a film about whales."
    assert server.client.delete(f"/v1/documents/{document}").status_code == 404


# --- lists and collections ----------------------------------------------------------------------------------------


def test_lists_are_paged(server: Server) -> None:
    jobs = [
        server.client.post("/v1/documents", params={"collection": "paged"}, json={"text": f"Text {number}."}).json()
        for number in range(5)
    ]
    expected = sorted(server.ended_job(job["id"])["results"][0]["document_id"] for job in jobs)
    seen: list[str] = []
    params: dict[str, str | int] = {"collection": "paged", "limit": 2}
    while True:
        page = server.client.get("/v1/documents", params=params).json()
        assert page.keys() == {"data", "has_more"}
        seen += [document["id"] for document in page["data"]]
        if not page["has_more"]:
            break
        assert len(page["data"]) == 2
        params["after"] = seen[-1]
    assert seen == expected
    assert server.client.get("/v1/documents", params={"collection": "paged", "after": "zzz"}).json()["data"] == []


def test_collections_are_made_listed_and_removed(server: Server) -> None:
    made = server.client.post("/v1/collections", json={"name": "Club.2026_a-b"})
    assert made.status_code == 201
    assert made.json().keys() == {"name", "created_at", "documents", "passages"}
    job = server.client.post(
        "/v1/documents", params={"collection": "Club.2026_a-b", "wait": 60}, json={"text": "Members pay ten crowns."}
    ).json()
    document = job["results"][0]["document_id"]
    listed = server.client.get("/v1/collections").json()
    assert {item["name"]: item["documents"] for item in listed["data"]}["Club.2026_a-b"] == 1
    assert listed["has_more"] is False
    assert server.client.get("/v1/collections/Club.2026_a-b").json()["passages"] == 1
    assert server.client.delete("/v1/collections/Club.2026_a-b").status_code == 204
    assert server.client.get("/v1/collections/Club.2026_a-b").status_code == 404
    assert server.client.get(f"/v1/documents/{document}").status_code == 404
    question = {"question": "What do members pay?", "collection": "Club.2026_a-b"}
    assert server.client.post("/v1/query", json=question).status_code == 404
    assert server.client.delete("/v1/collections/Club.2026_a-b").status_code == 404


def test_metadata_that_json_cannot_hold_are_refused(server: Server) -> None:
    for metadata in ('{"x": NaN}', '{"x": 1e999}', '{"x": null}', '{"x": [1]}', "[1]", "[" * 2_000, "x"):
        form = server.client.post("/v1/documents", files={"file": ("a.txt", b"A.")}, data={"metadata": metadata})
        assert form.status_code == 422, metadata
        assert "metadata must be a JSON object of strings, numbers and booleans" in form.json()["detail"]
        body = f'{{"text": "A.", "metadata": {metadata}}}'
        text = server.client.post("/v1/documents", content=body, headers={"Content-Type": "application/json"})
        assert text.status_code == 422, metadata


def test_a_document_says_in_a_list_what_it_says_alone(server: Server) -> None:
    listed = server.client.get("/v1/documents", params={"limit": 1}).json()["data"][0]
    assert listed.keys() == DOCUMENT
    assert listed.items() <= _document(server, listed["id"]).items()


def test_an_interrupted_upload_leaves_nothing(server: Server) -> None:
    def cut() -> Iterator[bytes]:
        yield _form(b"a.txt", b"A.")[:60]
        raise ConnectionError

    with httpx.Client(base_url=server.url, trust_env=False) as client, pytest.raises(ConnectionError):
        client.post("/v1/documents", content=cut(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert server.client.get("/healthz").status_code == 200
    assert list((server.home / "uploads").iterdir()) == []
