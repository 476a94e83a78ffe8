"""From a folder of documents to a set of drafts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.errors import BadInputError, EndpointError
from corpus.types import ParsedDocument
from eval.drafting.by_endpoint import PASSAGES_PER_QUESTION, draft_by_endpoint
from eval.drafting.choosing import spread
from eval.drafting.documents import ReadDocument, Unreadable, find_documents, read_document
from eval.drafting.passages import passages_of
from eval.drafting.rules import DRAFTED_BY, draft_by_rules
from eval.drafting.types import Outcome
from eval.drafting.writing import check_free, write_set
from retrieval.endpoint import ChatEndpoint
from retrieval.settings import Settings

OnProgress = Callable[[str, int, int], None]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was drafted and written.

    `documents` counts those that questions were drafted from. `dropped` counts passages for which the endpoint gave
    nothing that holds; `error` is what ended it before its time.
    """

    folder: Path
    questions: int
    documents: int
    kinds: Mapping[str, int]
    drafted_by: str
    unreadable: tuple[Unreadable, ...]
    dropped: int
    error: EndpointError | None


def draft_set(
    documents: Path,
    out: Path,
    settings: Settings,
    endpoint: ChatEndpoint | None,
    count: int,
    seed: int,
    on_progress: OnProgress,
) -> Drafted:
    """Draft up to `count` questions from a folder of documents and write them as a set; see `Drafted`.

    The same folder and seed give the same drafts by rules. Raises BadInputError when `out` holds a set already, and
    when nothing could be drafted; EndpointError when the endpoint fails before the first draft.
    """
    check_free(out, documents)
    drafting = _Drafting(find_documents(documents), settings, on_progress)
    if endpoint is None:
        drafted_by = DRAFTED_BY
        made = Outcome(tuple(draft_by_rules(drafting.documents(), count, seed)))
    else:
        drafted_by = endpoint.model
        made = drafting.by_endpoint(endpoint, count, seed)
    if not made.drafts:
        raise made.error or _nothing(documents, drafting.unreadable, made.dropped, endpoint is None)
    write_set(out, documents, made.drafts, drafted_by)
    return Drafted(
        folder=out,
        questions=len(made.drafts),
        documents=len({draft.document for draft in made.drafts}),
        kinds=dict(Counter(draft.kind for draft in made.drafts).most_common()),
        drafted_by=drafted_by,
        unreadable=tuple(drafting.unreadable),
        dropped=made.dropped,
        error=made.error,
    )


class _Drafting:
    """Reads the documents, and remembers which could not be read."""

    def __init__(self, paths: list[Path], settings: Settings, on_progress: OnProgress) -> None:
        self._paths = {path.stem: path for path in paths}
        self._options = settings.parse_options()
        self._on_progress = on_progress
        self.unreadable: list[Unreadable] = []

    def documents(self) -> Iterator[ReadDocument]:
        for number, path in enumerate(self._paths.values(), 1):
            read = read_document(path, self._options)
            if isinstance(read, Unreadable):
                self.unreadable.append(read)
            else:
                yield read
            self._on_progress("read", number, len(self._paths))

    def by_endpoint(self, endpoint: ChatEndpoint, count: int, seed: int) -> Outcome:
        most = count * PASSAGES_PER_QUESTION
        passages = [passage for document in self.documents() for passage in spread(passages_of(document), seed)[:most]]
        # Passages of one document do not follow each other; reading it again costs less than keeping all texts.
        parsed_document = lru_cache(maxsize=16)(self._parsed)

        def note(done: int, total: int) -> None:
            self._on_progress("draft", done, total)

        return draft_by_endpoint(spread(passages, seed), count, seed, endpoint, parsed_document, note)

    def _parsed(self, document: str) -> ParsedDocument:
        read = read_document(self._paths[document], self._options)
        if isinstance(read, Unreadable):
            raise BadInputError(f"{read.path!r} changed meanwhile: {read.reason}")
        return read.parsed


def _nothing(folder: Path, unreadable: list[Unreadable], dropped: int, by_rules: bool) -> BadInputError:
    reasons = [one.reason for one in unreadable[:_SHOWN]]
    if by_rules:
        reasons.append("the rules read English prose, an endpoint (PINCITE_ENDPOINT_URL) may do better")
    elif dropped:
        reasons.append(f"{dropped} proposals had no quote that stands in the document once")
    return BadInputError("; ".join([f"no question could be drafted from the documents in {str(folder)!r}", *reasons]))
