"""The objects that the doors take and give, as pydantic models; converted from and to the service's values once."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator

from corpus.records import DocumentVersion
from corpus.text import canonical
from retrieval.modes import Recency
from retrieval.types import QueryRequest, QueryResult, Turn

Json = dict[str, Any]
Text = Annotated[str, AfterValidator(canonical)]  # JSON can hold lone surrogates, which fit into no index
MetadataIn = dict[str, str | int | Annotated[float, Field(allow_inf_nan=False)] | bool]

_EXAMPLE_QUESTION: Json = {"question": "When does the ferry leave on Sundays?", "top_k": 5}
CODE_POINTS = "Unicode code points in the text served by /v1/documents/{id}/text; the end is exclusive."


class Given(BaseModel):
    """An object made from a value of the service."""

    model_config = ConfigDict(from_attributes=True)


class TurnBody(BaseModel):
    """What was said before the question."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    text: Text


class QueryBody(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE_QUESTION]})

    question: Text = Field(
        validation_alias=AliasChoices("question", "query"),
        description="What you want to know. `query` is accepted too.",
    )
    collection: Text = "default"
    top_k: int = Field(8, ge=1, le=100, description="How many passages to return.")
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    rerank: bool | None = Field(
        None, description="Whether a cross-encoder orders the passages; null: the profile decides."
    )
    filters: Json | None = Field(
        None,
        description=(
            '{"type": "eq|ne|gt|gte|lt|lte|in|nin|exists", "key": ..., "value": ...} '
            'or {"type": "and|or|not", "filters": [...]}'
        ),
        examples=[{"type": "gte", "key": "year", "value": 2020}],
    )
    min_version: int | None = Field(None, description="Refuse to answer from an older state than this `seq`.")
    answer: Literal["extractive", "none", "generative"] = Field(
        "extractive",
        description="extractive: sentences of the documents; generative: written by the endpoint of the settings, and "
        "only those sentences kept whose citations were verified; none: passages alone.",
    )
    min_confidence: float | None = Field(None, ge=0, le=1, description="Abstain below it; null: the profile decides.")
    explain: bool = Field(False, description="Whether to tell how the passages were found: see `explanation`.")
    conversation: list[TurnBody] = Field(
        default_factory=list,
        description="The turns before the question, the oldest first. A question that leans on them is searched for "
        "with what it lacks: see `searched_question` of the answer.",
        examples=[[{"role": "user", "text": "When does the ferry leave?"}, {"role": "assistant", "text": "At nine."}]],
    )
    as_of: str | None = Field(
        None,
        description="Leave out documents dated after that day, month, year or time (ISO 8601); those without a date "
        "stay.",
        examples=["2023-05-01"],
    )
    recency: Recency = Field("none", description="prefer: newer documents go before others that are about as good.")
    recency_half_life_days: float = Field(
        365.0, gt=0, le=100_000, description="How much older a document is that has half of that advantage."
    )
    stream: bool = Field(False, description="Not available yet: leave it false.")

    @model_validator(mode="after")
    def _available(self) -> Self:
        if self.stream:
            raise ValueError("not available yet: stream; leave it out")
        return self

    @model_validator(mode="before")
    @classmethod
    def _one_question(cls, data: Any) -> Any:
        if isinstance(data, dict) and "question" in data and "query" in data:
            if data["question"] != data["query"]:
                raise ValueError("question and query differ; give one of them")
            data = {key: value for key, value in data.items() if key != "query"}
        return data

    def to_request(self) -> QueryRequest:
        """The question as the service takes it."""
        turns = tuple(Turn(turn.role, turn.text) for turn in self.conversation)
        asked = self.model_dump(exclude={"conversation", "stream"})
        return QueryRequest(**asked, conversation=turns)


class HighlightOut(Given):
    """Code points relative to the text of the passage; the end is exclusive."""

    start: int
    end: int


class ScoresOut(Given):
    """The score of every stage that saw the passage."""

    dense: float | None = Field(description="Cosine of question and passage.")
    lexical: float | None = Field(description="BM25.")
    fused: float | None = Field(description="Weighted sum of both, each scaled to 0..1.")
    rerank: float | None = Field(description="The logit of the cross-encoder: of its best sentences.")


class OtherPlaceOut(Given):
    """Where the same text stands once more."""

    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    passage_id: str
    start: int = Field(description=CODE_POINTS)
    end: int = Field(description=CODE_POINTS)
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None
    section_path: tuple[str, ...]
    document_date: str | None = Field(description="Of when the document is, ISO 8601, where that is known.")


class PassageOut(Given):
    """A passage in the order of relevance."""

    id: str
    rank: int
    score: float
    scores: ScoresOut
    text: str
    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    start: int = Field(description=CODE_POINTS)
    end: int = Field(description=CODE_POINTS)
    page_start: int | None = Field(description="Pages count from 1; null for formats without pages.")
    page_end: int | None
    page_label_start: str | None = Field(description="What the document itself calls the page, where it does.")
    page_label_end: str | None
    cells: str | None = Field(description="The cells of a sheet, such as A5:D7.")
    section_path: tuple[str, ...]
    metadata: Json
    highlights: tuple[HighlightOut, ...]
    also_in: tuple[OtherPlaceOut, ...] = Field(description="Passages that say the same, or a piece of it.")
    document_date: str | None = Field(description="Of when the document is, ISO 8601, where that is known.")


class CitationOut(Given):
    """Where the answer stands: `quote` is the slice start..end of the document's text."""

    id: str
    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    passage_id: str
    quote: str
    start: int = Field(description=CODE_POINTS)
    end: int = Field(description=CODE_POINTS)
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None = Field(description="The cells of a sheet, such as A5:D7.")
    section_path: tuple[str, ...]
    verified: bool = Field(description="The quote was read again from the store and is equal to the slice.")
    prefix: str = Field(description="The characters before the quote (W3C TextQuoteSelector).")
    suffix: str
    also_in: tuple[OtherPlaceOut, ...] = Field(description="Where copies of the passage have the quote.")
    document_date: str | None = Field(description="Of when the document is, ISO 8601, where that is known.")


class ConflictOut(Given):
    """Documents that contradict each other."""

    kind: Literal["disagree", "superseded"]
    citations: tuple[str, ...] = Field(description="Of a superseded statement the first is the one that holds.")
    text: str = Field(description="What they say, in words.")


class AnswerSpanOut(Given):
    """A piece of the answer's text and the citations that support it."""

    start: int
    end: int
    citations: tuple[str, ...]


class ExactAnswerOut(Given):
    """The few words that answer, inside of a citation."""

    text: str
    start: int = Field(description=CODE_POINTS)
    end: int = Field(description=CODE_POINTS)
    citation: str = Field(description="The id of the citation that they stand in.")
    kind: str = Field(description="What the question asks for, such as person, place, date, number or money.")
    answer_start: int = Field(description="Where the words stand in the answer's own text, in code points.")
    answer_end: int


class AnswerOut(Given):
    """The answer; `spans` count in its own text."""

    type: str
    text: str
    spans: tuple[AnswerSpanOut, ...]
    exact: ExactAnswerOut | None = Field(
        description="The answer itself, where the question asks for a name, a number, a date, a place or a duration."
    )


class StageOut(Given):
    """Rank (from 1) and score of a passage in one stage; null where the stage did not see it or have it in front."""

    rank: int | None
    score: float | None


class ReadSentenceOut(Given):
    """A sentence in which an answer was looked for."""

    start: int = Field(description=CODE_POINTS)
    end: int = Field(description=CODE_POINTS)
    logit: float | None = Field(description="The cross-encoder's.")
    coverage: float = Field(description="The share of the question's words that it holds.")


class PassageExplanationOut(Given):
    """What each stage made of the passage with this id."""

    id: str
    dense: StageOut
    lexical: StageOut
    fused: StageOut
    rerank: StageOut
    final: StageOut
    sentences: tuple[ReadSentenceOut, ...]


class SignalExplanationOut(Given):
    """A signal of the confidence."""

    name: str
    value: float
    contribution: float | None = Field(description="What it adds to the log-odds; null without a logistic calibration.")


class ConfidenceExplanationOut(Given):
    """What the confidence is made of; below `threshold` the answer is declined."""

    value: float
    threshold: float
    calibration: str
    bias: float | None
    signals: tuple[SignalExplanationOut, ...]


class ExplanationOut(Given):
    """How the answer came about."""

    searched: str = Field(description="What was searched for.")
    passages: tuple[PassageExplanationOut, ...]
    confidence: ConfidenceExplanationOut


class QueryOut(Given):
    """The answer to a question. When abstaining, `answer` is null and `citations` is empty."""

    id: str
    question: str
    collection: str
    index_version: int = Field(description="The `seq` of the one state of the store that everything here is from.")
    answer: AnswerOut | None
    citations: tuple[CitationOut, ...]
    passages: tuple[PassageOut, ...]
    confidence: float
    confidence_calibration: str
    abstained: bool
    abstain_reason: str | None
    timings_ms: dict[str, float]
    signals: dict[str, float] = Field(description="What the confidence was computed from, by name.")
    conflicts: tuple[ConflictOut, ...] = Field(description="Where documents contradict the answer.")
    searched_question: str | None = Field(
        description="What was searched for, where `conversation` made it something else than the question; else null."
    )
    warnings: tuple[str, ...] = Field(description="In words: what was asked for or set, and could not be done.")
    explanation: ExplanationOut | None = Field(description="How it came about, where `explain` asks for it.")

    @classmethod
    def of(cls, result: QueryResult) -> Self:
        """The answer as the doors give it."""
        return cls.model_validate(result)


class DocumentOut(Given):
    """A document in one of its versions, without its text."""

    id: str
    collection: str
    uri: str
    external_id: str
    version: str
    name: str
    title: str
    media_type: str
    metadata: Json
    pages: int | None
    parent_id: str | None = Field(description="The document that this one is an attachment or a member of.")
    losses: tuple[str, ...] = Field(description="In words: what of the file is not in the text.")
    created_at: str
    seq: int = Field(description="The `seq` that added this version.")

    @classmethod
    def of(cls, version: DocumentVersion) -> Self:
        """A stored version as the doors give it."""
        return cls(
            id=version.document_id,
            collection=version.collection,
            uri=version.uri,
            external_id=version.external_id,
            version=version.digest,
            name=version.name,
            title=version.title,
            media_type=version.media_type,
            metadata=dict(version.metadata),
            pages=len(version.page_starts) or None,
            parent_id=version.parent_id,
            losses=version.report.losses,
            created_at=version.created_at,
            seq=version.added_seq,
        )


class SectionOut(Given):
    """A section: where it starts, and its headings from the outermost inwards."""

    start: int = Field(description=CODE_POINTS)
    path: tuple[str, ...]


class DocumentDetail(DocumentOut):
    """A document in one of its versions, with its pages and sections."""

    page_starts: tuple[int, ...] = Field(description=f"Where each page starts. {CODE_POINTS}")
    page_labels: tuple[str, ...] = Field(description="What the document itself calls its pages; empty if nothing else.")
    has_boxes: bool = Field(description="Whether /v1/documents/{id}/boxes says where characters stand on pages.")
    sections: tuple[SectionOut, ...]

    @classmethod
    def of(cls, version: DocumentVersion) -> Self:
        """A stored version as the doors give it."""
        fields = DocumentOut.of(version).model_dump()
        fields |= {"page_starts": version.page_starts, "sections": version.sections}
        fields |= {"page_labels": version.shape.page_labels, "has_boxes": version.shape.has_boxes}
        return cls.model_validate(fields, from_attributes=True)


class BoxOut(Given):
    """A rectangle on a page, as shares of its width and height from the top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class BoxList(BaseModel):
    """Where a piece of text stands: one rectangle a line."""

    data: list[BoxOut]


class DocumentList(BaseModel):
    """One page of a list; ask for more with `after` = the last id."""

    data: list[DocumentOut]
    has_more: bool


class CollectionOut(Given):
    """A collection and what it holds."""

    name: str
    created_at: str
    documents: int
    passages: int


class CollectionList(BaseModel):
    """All collections."""

    data: list[CollectionOut]
    has_more: bool = False


class CollectionBody(BaseModel):
    """A collection to make."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "handbook"}]})

    name: str


class TextBody(BaseModel):
    """A document given as text."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "The pool opens at nine.", "title": "Pool", "metadata": {"year": 2026}}]
        },
    )

    text: str
    title: str | None = None
    uri: str | None = Field(None, description="Its identity in the collection; the same again replaces the document.")
    metadata: MetadataIn | None = Field(None, description="null: what was given for the document before stays.")


class FileResultOut(Given):
    """What became of one file."""

    path: str
    document_id: str | None
    status: Literal["added", "updated", "renamed", "unchanged", "removed", "failed"]
    reason: str | None
    seq: int | None
    pages_total: int | None
    pages_with_text: int | None
    pages_empty: int | None
    pages_failed: int | None
    losses: tuple[str, ...] = Field(description="In words: what of the file is not in the text.")
    near_duplicates: tuple[str, ...] = Field(
        description="Ids of documents of the collection, stored before it, whose text is nearly the same."
    )


class JobOut(Given):
    """An ingestion; `seq` is the state of the store that holds its documents (see `min_version`)."""

    id: str
    kind: str
    status: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    results: tuple[FileResultOut, ...]
    errors: tuple[str, ...]
    seq: int | None
    created_at: str
    updated_at: str


class ReindexingOut(Given):
    """How far building the home anew has come."""

    model: str
    passage_tokens: int
    documents_done: int
    documents_total: int
    passages_done: int


class StatusOut(Given):
    """What a home holds. `reindexing` is null unless it is being built anew, or was and that was broken off.

    `uncovered_languages` counts the documents in languages that the embedder was not made for, by ISO 639-1 code.
    """

    home: str
    documents: int
    passages: int
    index_version: int
    collections: tuple[str, ...]
    models: dict[str, Json]
    uncovered_languages: dict[str, int]
    reindexing: ReindexingOut | None


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[Json] = Field(default_factory=list)
