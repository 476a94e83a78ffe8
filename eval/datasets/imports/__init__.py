"""Sets in the forms that others use, turned into a folder in our own form; one module a form."""

from eval.datasets.imports.beir import import_beir
from eval.datasets.imports.squad import import_squad
from eval.datasets.imports.table import import_table
from eval.datasets.imports.trec import import_trec
from eval.datasets.imports.write import Imported

__all__ = ["Imported", "import_beir", "import_squad", "import_table", "import_trec"]
