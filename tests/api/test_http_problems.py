"""What goes wrong, over HTTP: every error is a problem document that says what is wrong, and none is a defect."""

import http.client
import json
import resource
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.servers import Json, Server, running_server

PROBLEM = {"type", "title", "status", "detail", "instance", "request_id", "errors"}
JSON = {"Content-Type": "application/json"}
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("problems") / "home", max_file_mb="1") as running:
        running.add_text("Owls hunt at night.", title="Owls")
        yield running
        assert "Traceback" not in running.log()


def _problem(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    assert body.keys() == PROBLEM
    assert body["status"] == status
    assert body["type"].startswith("urn:pincite:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def _deep(levels: int) -> str:
    return '{"type": "not", "filters": [' * levels + '{"type": "exists", "key": "a"}' + "]}" * levels


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"question": ""}', "the question is empty"),
        ('{"question": " \\n"}', "the question is empty"),
        ("{}", "/question: Field required"),
        ("[]", "valid dictionary"),
        ("", "Field required"),
        ("{", "JSON"),
        ('{"question": 7}', "/question: Input should be a valid string"),
        ('{"question": "x", "top_k": 0}', "/top_k: Input should be greater than or equal to 1"),
        ('{"question": "x", "top_k": 101}', "/top_k"),
        ('{"question": "x", "mode": "magic"}', "/mode: Input should be 'hybrid', 'dense' or 'lexical'"),
        ('{"question": "x", "min_confidence": NaN}', "/min_confidence"),
        ('{"question": "x", "topk": 3}', "/topk: Extra inputs are not permitted"),
        ('{"question": "x", "filters": []}', "/filters: Input should be a valid dictionary"),
        ('{"question": "x", "filters": {"type": "near"}}', "not 'near'"),
        ('{"question": "x", "filters": {"type": "eq", "key": "\\ud800"}}', "needs a string, a number"),
        ('{"question": "x", "filters": ' + _deep(21) + "}", "nested deeper than 20"),
        ('{"question": "x", "filters": ' + _deep(200) + "}", "nested deeper than 20"),
        ('{"question": "x", "min_version": 99}', "the newest state here is 1"),
        (json.dumps({"question": "x" * 4_001}), "4001 characters; 4000 are the most"),
    ],
)
def test_a_question_that_is_not_valid(server: Server, body: str, said: str) -> None:
    answer = server.client.post("/v1/query", content=body, headers=JSON)
    assert said in _problem(answer, 422)["detail"]


def test_what_is_wrong_with_which_field_can_be_read_by_programs(server: Server) -> None:
    answer = server.client.post("/v1/query", json={"question": "x", "top_k": "many", "mode": "magic"})
    errors = _problem(answer, 422)["errors"]
    assert [(error["pointer"], error["in"]) for error in errors] == [("/top_k", "body"), ("/mode", "body")]


def test_json_that_is_too_deep_is_refused(server: Server) -> None:
    for levels in (2_000, 15_000):
        body = '{"question": "x", "filters": ' + _deep(levels) + "}"
        answer = server.client.post("/v1/query", content=body, headers=JSON)
        assert answer.status_code in (400, 422)
        _problem(answer, answer.status_code)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "/question: Field required"),
        ({"question": ""}, "the question is empty"),
        ({"question": "x", "mode": "magic"}, "/mode"),
        ({"question": "x", "top_k": "x"}, "/top_k"),
        ({"question": "x", "filters": "year=2020"}, "filters must be a JSON object"),
        ({"question": "x", "filters": "[1]"}, "filters must be a JSON object"),
        ({"question": "x", "filters": "[" * 5_000}, "filters must be a JSON object"),
        ({"question": "x", "filters": '{"type": "near"}'}, "not 'near'"),
        ({"question": "x", "min_confidence": "2"}, "/min_confidence"),
        ({"question": "x", "answer": "poem"}, "/answer"),
    ],
)
def test_a_question_in_an_address_that_is_not_valid(server: Server, params: dict[str, str], said: str) -> None:
    assert said in _problem(server.client.get("/v1/query", params=params), 422)["detail"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/documents/nope", "there is no document 'nope'"),
        ("/v1/documents/nope/text", "there is no document 'nope'"),
        ("/v1/documents/nope/original", "there is no document 'nope'"),
        ("/v1/documents/nope/text?version=sha256:0", "there is no document 'nope' with version 'sha256:0'"),
        ("/v1/documents?collection=nope", "there is no collection 'nope'"),
        ("/v1/collections/nope", "there is no collection 'nope'"),
        ("/v1/query?question=x&collection=nope", "there is no collection 'nope'"),
        ("/v1/jobs/nope", "there is no job 'nope'"),
        ("/v1/nothing", "Not Found"),
        ("/nothing.html", "Not Found"),
        ("/../../etc/passwd", "Not Found"),
        ("/%2e%2e/%2e%2e/etc/passwd", "Not Found"),
    ],
)
def test_what_is_not_there(server: Server, path: str, said: str) -> None:
    assert said in _problem(server.client.get(path), 404)["detail"]


def test_a_version_of_another_document_is_not_there(server: Server) -> None:
    first = server.client.get("/v1/documents").json()["data"][0]
    other = server.add_text("Cats sleep by day.", title="Cats")["results"][0]["document_id"]
    _problem(server.client.get(f"/v1/documents/{other}/text", params={"version": first["version"]}), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/documents/nope"),
        ("DELETE", "/v1/collections/nope"),
    ],
)
def test_what_is_not_there_cannot_be_removed(server: Server, method: str, path: str) -> None:
    _problem(server.client.request(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/query"),
        ("DELETE", "/v1/query"),
        ("PATCH", "/v1/documents/x"),
        ("POST", "/v1/status"),
        ("POST", "/"),
        ("PUT", "/v1/collections"),
        ("BREW", "/v1/documents"),
    ],
)
def test_methods_that_a_resource_does_not_have(server: Server, method: str, path: str) -> None:
    _problem(server.client.request(method, path), 405)


@pytest.mark.parametrize(("limit", "after"), [("0", ""), ("1001", ""), ("x", "")])
def test_pages_of_lists_that_are_not_valid(server: Server, limit: str, after: str) -> None:
    params = {"limit": limit, "after": after}
    assert "/limit" in _problem(server.client.get("/v1/documents", params=params), 422)["detail"]


def test_pages_that_are_no_numbers(server: Server) -> None:
    document = server.client.get("/v1/documents").json()["data"][0]["id"]
    _problem(server.client.get(f"/v1/documents/{document}/pages/one.png"), 422)


# --- uploads ------------------------------------------------------------------------------------------------------


def test_uploads_in_a_form_that_is_not_known(server: Server) -> None:
    for kind in ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded", ""):
        answer = server.client.post("/v1/documents", content=b"text", headers={"Content-Type": kind})
        assert "send multipart/form-data with a file or application/json" in _problem(answer, 422)["detail"]
    query = server.client.post("/v1/query", content=b'{"question": "x"}', headers={"Content-Type": "text/plain"})
    _problem(query, 422)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"text": ""}', "the text is empty"),
        ('{"text": " \\n"}', "the text is empty"),
        ("{}", "text: Field required"),
        ("{", "JSON"),
        ('{"text": "x", "titel": "y"}', "titel: Extra inputs are not permitted"),
        ('{"text": "x", "metadata": {"a": null}}', "metadata/a"),
        ('{"text": "\\ud800"}', "Invalid JSON"),
    ],
)
def test_texts_that_are_not_valid(server: Server, body: str, said: str) -> None:
    answer = server.client.post("/v1/documents", content=body, headers=JSON)
    assert said in _problem(answer, 422)["detail"]


def test_forms_that_are_not_valid(server: Server) -> None:
    no_file = server.client.post("/v1/documents", files={"other": ("a.txt", b"x")})
    assert "no file in its field 'file'" in _problem(no_file, 422)["detail"]
    two_files = server.client.post("/v1/documents", files=[("file", ("a", b"x")), ("file", ("b", b"y"))])
    _problem(two_files, 400)
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    _problem(server.client.post("/v1/documents", content=b"no boundary at all", headers=broken), 400)
    _problem(server.client.post("/v1/documents", content=b"x", headers={"Content-Type": "multipart/form-data"}), 400)


def test_names_that_cannot_be(server: Server) -> None:
    for collection in ("..", "a b", "x" * 65, ""):
        answer = server.client.post("/v1/documents", params={"collection": collection}, json={"text": "x"})
        assert "a collection's name has" in _problem(answer, 422)["detail"]
        _problem(server.client.post("/v1/collections", json={"name": collection}), 422)
    for document in ("a%0Ab", "a%00b", "x" * 201):
        answer = server.client.put(f"/v1/documents/{document}", json={"text": "x"})
        assert "printable characters" in _problem(answer, 422)["detail"]
    assert server.client.get("/v1/collections").json()["data"][0]["name"] == "default"


def test_an_id_of_another_collection_cannot_be_taken(server: Server) -> None:
    put: Json = {"params": {"wait": 60, "collection": "default"}, "json": {"text": "Owls hunt."}}
    assert server.client.put("/v1/documents/taken", **put).status_code == 201
    put["params"]["collection"] = "other"
    assert "another collection" in _problem(server.client.put("/v1/documents/taken", **put), 422)["detail"]


# --- size ---------------------------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_unread(server: Server) -> None:
    limits = (("/v1/query", MEGABYTE), ("/v1/documents", 2 * MEGABYTE))
    for path, limit in limits:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        assert (answer.status, body["status"], answer.headers["content-type"]) == (413, 413, "application/problem+json")
        assert f"{limit} bytes at most" in body["detail"]


def test_a_body_in_pieces_that_becomes_too_large_is_refused(server: Server) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(40):
            yield b"x" * 100_000

    for path in ("/v1/query", "/v1/documents"):
        try:
            answer = server.client.post(path, content=pieces(), headers=JSON)
        except httpx.WriteError:  # the server need not hear the rest
            continue
        _problem(answer, 413)
    assert server.ask("When do owls hunt?")["answer"] is not None


def test_a_form_in_pieces_that_becomes_too_large_is_refused(server: Server) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = server.client.post("/v1/documents", content=pieces(), headers=headers)
    except httpx.WriteError:
        return
    _problem(answer, 413)


def test_a_file_that_is_too_large_is_refused_with_the_limit(server: Server) -> None:
    answer = server.client.post("/v1/documents", params={"wait": 60}, files={"file": ("a.txt", b"word " * 300_000)})
    assert "the limit is 1,000,000" in answer.json()["detail"]
    assert answer.status_code in (413, 422)


# --- strangers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "evil.example:8000", "]["]
)
def test_a_server_called_by_a_strange_name_does_not_answer(server: Server, host: str) -> None:
    for path in ("/v1/documents", "/", "/healthz"):
        body = _problem(server.client.get(path, headers={"Host": host}), 421)
        assert "--allowed-host" in body["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:8000", "192.168.1.7"])
def test_addresses_and_localhost_are_its_names(server: Server, host: str) -> None:
    assert server.client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://[::1", "", "x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/query"),
        ("POST", "/v1/documents"),
        ("PUT", "/v1/documents/x"),
        ("DELETE", "/v1/documents/x"),
        ("DELETE", "/v1/collections/default"),
        ("POST", "/v1/collections"),
    ],
)
def test_other_peoples_pages_can_change_nothing(server: Server, method: str, path: str, origin: str) -> None:
    answer = server.client.request(method, path, headers={"Origin": origin}, json={"question": "x"})
    _problem(answer, 403)
    assert "access-control-allow-origin" not in answer.headers


def test_its_own_page_may(server: Server) -> None:
    own = {"Origin": server.url}
    assert server.client.post("/v1/query", json={"question": "When do owls hunt?"}, headers=own).status_code == 200
    other = {"Origin": "https://evil.example"}
    assert server.client.get("/v1/documents", headers=other).status_code == 200, "reading is harmless: it stays unread"


def test_other_peoples_pages_get_no_leave_to_read(server: Server) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = server.client.options("/v1/query", headers=asked)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/v1/documents", "/v1/documents/nope", "/healthz", "/docs", "/openapi.json"])
def test_every_answer_tells_browsers_to_be_careful(server: Server, path: str) -> None:
    answer = server.client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert ("'unsafe-inline'" in answer.headers["content-security-policy"]) is (path == "/docs")
    assert answer.headers["x-request-id"].startswith("req_")
    assert "server" not in answer.headers


def test_every_request_has_an_id_of_its_own(server: Server) -> None:
    ids = {server.client.get("/healthz").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_full_disk_is_no_defect_and_keeps_nobody_from_answers(tmp_path: Path) -> None:
    with running_server(tmp_path / "home") as server:
        server.add_text("Owls hunt at night.", title="Owls")
        files = [path for path in [*server.home.rglob("*"), server.log_file] if path.is_file()]
        room = max(path.stat().st_size for path in files) + 50_000
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (room, before[1]))
        refused = server.client.post("/v1/documents", files={"file": ("a.txt", b"x" * 2 * room)})
        answer = server.client.post("/v1/query", json={"question": "When do owls hunt?"})
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
        assert "see to the disk and try again" in _problem(refused, 500)["detail"]
        assert answer.json()["passages"]
        assert "Traceback" not in server.log()
