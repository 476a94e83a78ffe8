"""Evaluation sets: questions with gold evidence over a corpus of texts (BEIR form) or of files."""

from eval.datasets.loader import load
from eval.datasets.types import Dataset, Evidence, Form, Question, SetDocument, sample

__all__ = ["Dataset", "Evidence", "Form", "Question", "SetDocument", "load", "sample"]
