"""Settings: from the command line's options, else from `PINCITE_...` in the environment, else the defaults here."""

from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.errors import BadInputError
from corpus.parsers import ParseLimits, ParseOptions

_MEGABYTE = 1_000_000


class Settings(BaseSettings):
    """Everything that can be set. Each field is the variable `PINCITE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="PINCITE_", extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("pincite")),
        description="Folder of the store, the originals and the indexes.",
    )
    cache: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("pincite")),
        description="Folder of things that can be made again, such as the scratch homes of evaluations.",
    )
    model: str | None = Field(
        default=None,
        description="Embedding model: a name of `pincite models list`, a folder, or the name of a hub model. If it is "
        "not set a home keeps the one it has.",
    )
    reranker: str = Field(default="ms-marco-MiniLM-L-12-v2", description="Cross-encoder that puts passages in order.")
    profile: Path | None = Field(
        default=None, description="File with tuned weights and a fitted confidence, made by `pincite eval tune`."
    )
    rerank_characters: int | None = Field(
        default=None,
        ge=1,
        description="About how many characters the cross-encoder reads for a question; fewer are faster. If it is not "
        "set the profile decides.",
    )
    passage_tokens: int | None = Field(
        default=None,
        ge=16,
        le=8192,
        description="Length of a passage that the splitter aims at, in model tokens. If it is not set a home keeps the "
        "one it has.",
    )
    threads: int = Field(default=0, ge=0, le=256, description="Threads for the models; 0 takes all processors at hand.")
    max_file_mb: int = Field(default=100, ge=1, description="Largest file that is read, in megabytes.")
    max_pages: int = Field(default=10_000, ge=1, description="Most pages that a document may have.")
    parse_workers: int = Field(default=2, ge=1, le=64, description="Processes that read documents side by side.")
    parse_seconds: float = Field(default=300.0, gt=0, description="How long reading one document may take.")
    parse_memory_mb: int = Field(default=700, ge=100, description="Megabytes that reading one document may take.")
    ocr: Literal["auto", "off"] = Field(
        default="auto", description="Whether text in images is recognised, where Tesseract is installed."
    )
    ocr_languages: str = Field(
        default="eng",
        pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$",
        description="Languages of recognised text, in Tesseract's names: `eng+deu`.",
    )
    lock_seconds: float = Field(
        default=30.0, ge=0, description="How long to wait for another process that writes to the home."
    )
    endpoint_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+\S*$",
        description="OpenAI-compatible endpoint for generated text, up to and without `/chat/completions`.",
    )
    endpoint_model: str | None = Field(default=None, description="Model that the endpoint is asked for.")
    endpoint_key: SecretStr | None = Field(default=None, description="Key that the endpoint wants, if it does.")
    endpoint_seconds: float = Field(default=60.0, gt=0, description="How long one answer of the endpoint may take.")

    @classmethod
    def load(cls, home: Path | None = None) -> Self:
        """The settings in force. Raises BadInputError naming the variable that is wrong."""
        try:
            return cls() if home is None else cls(home=home)
        except ValidationError as error:
            raise BadInputError(_explained(error)) from error

    def parse_options(self) -> ParseOptions:
        """How documents are read under these settings."""
        limits = ParseLimits(max_bytes=self.max_file_mb * _MEGABYTE, max_pages=self.max_pages)
        return ParseOptions(limits, ocr=self.ocr, ocr_languages=self.ocr_languages)


def _explained(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        name = "_".join(str(part) for part in problem["loc"])
        lines.append(f"PINCITE_{name.upper()}={problem['input']!r}: {problem['msg']}")
    return "a setting is not valid: " + "; ".join(lines)
