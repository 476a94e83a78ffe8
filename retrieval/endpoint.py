"""A client of any OpenAI-compatible endpoint for chat completions."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import BadInputError, EndpointError
from retrieval.settings import Settings

if TYPE_CHECKING:
    import httpx

_PATH = "/chat/completions"
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
# Seconds between attempts: an endpoint that is only busy has answered by then.
_WAITS = (0.5, 2.0)
_MOST_BYTES = 10_000_000
_SHOWN = 200
_HINTS = {
    401: "check PINCITE_ENDPOINT_KEY",
    403: "check PINCITE_ENDPOINT_KEY",
    404: "check PINCITE_ENDPOINT_URL and PINCITE_ENDPOINT_MODEL",
    429: "it takes no more requests now, try later",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote; `truncated` when it was cut off at a limit of its endpoint."""

    text: str
    truncated: bool


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True)

    # Null when the model refuses or calls a tool.
    content: str | None = None


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True)

    message: _Written
    finish_reason: str | None = None


class _Answer(BaseModel):
    """The parts of an answer that are used."""

    model_config = ConfigDict(frozen=True)

    choices: tuple[_Choice, ...] = Field(min_length=1)


def open_endpoint(settings: Settings) -> "ChatEndpoint | None":
    """Open the endpoint of the settings; None where none is set. Raises BadInputError when only half of it is."""
    url, model = settings.endpoint_url, settings.endpoint_model
    if url is None and model is None:
        return None
    if url is None or model is None:
        given, missing = ("MODEL", "URL") if url is None else ("URL", "MODEL")
        raise BadInputError(f"PINCITE_ENDPOINT_{given} is set, but PINCITE_ENDPOINT_{missing} is not: set both or none")
    key = settings.endpoint_key.get_secret_value() if settings.endpoint_key else None
    return ChatEndpoint(url, model, key, settings.endpoint_seconds)


class LazyEndpoint:
    """The endpoint of the settings, opened when it is first asked for. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: ChatEndpoint | None = None

    def get(self) -> "ChatEndpoint | None":
        """None where none is set. Raises BadInputError when only half of it is."""
        with self._lock:
            if self._opened is None:
                self._opened = open_endpoint(self._settings)
            return self._opened

    def close(self) -> None:
        """Close the connections; what asks later opens them again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None


class ChatEndpoint:
    """Asks one model of one endpoint. Safe to use from several threads; close it at the end.

    `url` is what stands before `/chat/completions`. An answer may take `seconds`. Neither the key nor what the URL
    holds beside host and path is ever part of a message.
    """

    def __init__(self, url: str, model: str, key: str | None = None, seconds: float = 60.0) -> None:
        import httpx

        self.model = model
        self._key = _checked_key(key)
        self._seconds = seconds
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise BadInputError(f"PINCITE_ENDPOINT_URL is not valid: {error}") from error
        if not self._url.path.endswith(_PATH):
            self._url = self._url.copy_with(path=self._url.path.rstrip("/") + _PATH)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(seconds))

    @property
    def address(self) -> str:
        """The URL as it may be shown: without credentials and query."""
        return str(self._url.copy_with(username=None, password=None, query=None, fragment=None))

    def complete(self, messages: Sequence[Message], seed: int = 0) -> Completion:
        """Ask with temperature 0. What an endpoint that is busy or broken may do better is tried again twice.

        Raises EndpointError.
        """
        body = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "seed": seed,
        }
        for wait in _WAITS:
            status, answer = self._post(body)
            if status not in _TRY_AGAIN:
                break
            time.sleep(wait)
        else:
            status, answer = self._post(body)
        if status != 200:
            raise self._refused(status, answer)
        return self._read(answer)

    def _post(self, body: Mapping[str, object]) -> tuple[int, bytes]:
        import httpx

        until = time.monotonic() + self._seconds
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                return response.status_code, self._content(response, until)
        except httpx.TimeoutException as error:
            raise self._too_slow() from error
        except httpx.HTTPError as error:
            raise EndpointError(f"{self.address} cannot be reached: {self._safe(str(error))}") from error

    def _content(self, response: "httpx.Response", until: float) -> bytes:
        """Read the answer; the limits of the client are for each read, and an endpoint may send byte after byte."""
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if time.monotonic() > until:
                raise self._too_slow()
            if len(content) > _MOST_BYTES:
                raise EndpointError(f"{self.address} answered with more than {_MOST_BYTES:,} bytes: no completion is")
        return bytes(content)

    def _too_slow(self) -> EndpointError:
        return EndpointError(
            f"{self.address} did not answer within {self._seconds:g} seconds: PINCITE_ENDPOINT_SECONDS gives it more"
        )

    def _refused(self, status: int, answer: bytes) -> EndpointError:
        # What is said about a wrong key may quote it, in whole or in part.
        said = "" if status in (401, 403) else self._safe(_error_message(answer))
        parts = [part for part in (said, _HINTS.get(status, "")) if part]
        return EndpointError(": ".join([f"{self.address} answered with status {status}", *parts]))

    def _read(self, answer: bytes) -> Completion:
        try:
            choice = _Answer.model_validate_json(answer).choices[0]
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise EndpointError(
                f"{self.address} answered with status 200, but with no chat completion"
                f" ({f'{place}: ' if place else ''}{problem['msg']}): check PINCITE_ENDPOINT_URL"
            ) from error
        return Completion(choice.message.content or "", truncated=choice.finish_reason == "length")

    def _safe(self, said: str) -> str:
        shown = said.replace(self._key, "***") if self._key else said
        return " ".join(shown.split())[:_SHOWN]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checked_key(key: str | None) -> str | None:
    """Refuse here what no header can carry: the errors of HTTP libraries would show the key."""
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BadInputError("PINCITE_ENDPOINT_KEY holds characters that no HTTP header can carry: copy it again")
    return key or None


def _error_message(answer: bytes) -> str:
    """Take the message out of the usual {"error": {"message": ...}}, else the text as it is."""
    text = answer.decode("utf-8", "replace")
    try:
        error = json.loads(text)["error"]
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError, RecursionError):
        return text
