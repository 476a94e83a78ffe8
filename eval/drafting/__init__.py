"""Drafts of evaluation sets: questions with their evidence, proposed from one's own documents for review."""

from eval.drafting.draft import Drafted, draft_set

__all__ = ["Drafted", "draft_set"]
