"""`pincite ask`: a question, answered on the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.conversation import read_conversation
from api.cli.explanation import show_explanation
from api.cli.output import JsonOption, note, print_json, styled
from api.cli.places import place_in_words
from api.cli.values import parse_filters
from corpus.text import canonical
from retrieval.modes import AnswerKind, Mode, Recency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from retrieval.types import Answer, Citation, OtherPlace, QueryResult, RankedPassage


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you want to know.", parser=canonical)],
    top_k: Annotated[int, typer.Option(help="How many passages to show.", min=1, max=100)] = 8,
    collection: Annotated[str, typer.Option(help="Collection to search.", parser=canonical)] = "default",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="key=value or key>=value on metadata; may be repeated.", parser=canonical),
    ] = None,
    mode: Annotated[Mode, typer.Option(help="Which searches to use.")] = "hybrid",
    rerank: Annotated[bool | None, typer.Option(help="Order the passages with the cross-encoder.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Decline to answer below it.", min=0, max=1)] = None,
    answer: Annotated[
        AnswerKind,
        typer.Option(help="Sentences of the documents, or an answer written by the endpoint and verified, or none."),
    ] = "extractive",
    conversation: Annotated[
        Path | None,
        typer.Option(
            help="File with the turns before the question, `-` for stdin: a JSON list of "
            '{"role": "user" or "assistant", "text": ...}, the oldest first.',
            allow_dash=True,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Leave out documents dated after it: 2023-05-01, 2023-05 or 2023.", parser=canonical),
    ] = None,
    recency: Annotated[Recency, typer.Option(help="Whether newer documents go before about equal ones.")] = "none",
    explain: Annotated[bool, typer.Option("--explain", help="Show how the passages were found.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the documents, with citations."""
    from api.schemas import QueryBody, QueryOut

    body = QueryBody.model_validate(
        {
            "question": question,
            "top_k": top_k,
            "collection": collection,
            "filters": parse_filters(filters or []),
            "mode": mode,
            "rerank": rerank,
            "min_confidence": min_confidence,
            "answer": answer,
            "explain": explain,
            "as_of": as_of,
            "recency": recency,
            "conversation": read_conversation(conversation) if conversation else [],
        }
    )
    with context_of(context).service() as service:
        result = service.query(body.to_request())
    for warning in result.warnings:
        note(f"warning: {warning}")
    if as_json:
        print_json(QueryOut.of(result))
    else:
        _show(result)
        show_explanation(result)


def _show(result: "QueryResult") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if result.searched_question is not None:
        console.print(styled(f"searched for: {result.searched_question}", "dim"))
    if result.answer is None:
        reason = result.abstain_reason or "no answer was asked for"
        console.print(styled(f"Not answered: {reason}", "yellow"))
    else:
        console.print(_with_exact(result.answer))
        for citation in result.citations:
            console.print(styled(f"  [{citation.id}] {place_in_words(citation)}{_dated(citation)}", "green"))
            _show_others(console, citation.also_in)
    for conflict in result.conflicts:
        console.print(styled(f"{conflict.text} [{', '.join(conflict.citations)}]", "yellow"))
    console.print(styled(f"confidence {result.confidence:.2f} ({result.confidence_calibration})", "dim"))
    for passage in result.passages:
        console.print()
        console.print(styled(f"{passage.rank}. {place_in_words(passage)}  score {passage.score:.3f}", "cyan"))
        console.print(_highlighted(passage))
        _show_others(console, passage.also_in)


def _dated(citation: "Citation") -> str:
    """The day of the document, which tells versions of one rule apart."""
    return f" ({citation.document_date[:10]})" if citation.document_date else ""


def _show_others(console: "Console", others: "Sequence[OtherPlace]") -> None:
    for place in others:
        console.print(styled(f"      also in {place_in_words(place)}", "dim"))


def _with_exact(answer: "Answer") -> "Text":
    """The answer's text with the exact answer in bold; all of it is bold where there is none."""
    if answer.exact is None:
        return styled(answer.text, "bold")
    text = styled(answer.text)
    text.stylize("bold", answer.exact.answer_start, answer.exact.answer_end)
    return text


def _highlighted(passage: "RankedPassage") -> "Text":
    text = styled(passage.text)
    for highlight in passage.highlights:
        text.stylize("reverse", highlight.start, highlight.end)
    return text
