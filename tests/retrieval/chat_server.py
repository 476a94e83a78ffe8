"""A real HTTP server on this machine that answers as an OpenAI-compatible endpoint does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends; `seconds` is how long it waits before the body, `pieces` how slowly it drips."""

    status: int = 200
    body: bytes = b""
    seconds: float = 0.0
    pieces: int = 1


def completion(text: str | None, finish_reason: str = "stop") -> Reply:
    """A chat completion in the form of the OpenAI API, with fields beside those that are used."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
    return Reply(body=json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], "usage": {}}).encode())


@dataclass(slots=True)
class ChatServer:
    """The address of the server and the requests that it got."""

    url: str
    requests: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def chat_server(answer: Callable[[Json], Reply]) -> Iterator[ChatServer]:
    """Serve what `answer` makes of the body of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.requests.append(body)
            seen.headers.append({name.lower(): value for name, value in self.headers.items()})
            seen.paths.append(self.path)
            self._send(answer(body))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            size = -(-len(reply.body) // reply.pieces) or 1
            for start in range(0, len(reply.body), size):
                time.sleep(reply.seconds / reply.pieces)
                try:
                    self.wfile.write(reply.body[start : start + size])
                    self.wfile.flush()
                except OSError:  # the client has given up, as it should
                    return

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = ChatServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def in_order(*replies: Reply) -> Callable[[Json], Reply]:
    """Give one reply after the other, whatever is asked."""
    left = list(replies)
    return lambda _: left.pop(0)
