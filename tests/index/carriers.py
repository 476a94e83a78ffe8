"""Installed wheels that carry models, made up for tests."""

import shutil
from pathlib import Path

from index.models.catalogue import CatalogueModel


def write_carrier(site: Path, model: CatalogueModel, files_from: Path) -> Path:
    """Lays out the model's wheel in `site`, as pip would, and gives the folder of the model's files."""
    metadata = site / f"{model.distribution.replace('-', '_')}-{model.version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {model.distribution}\nVersion: {model.version}\n")
    folder = site / model.folder
    for file in model.files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files_from / file.path, folder / file.path)
    return folder
