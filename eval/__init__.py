"""Evaluation sets, metrics and runs.

May import `corpus`, `index` and `retrieval`. Import from its modules (`from eval.metrics import ...`): a plain
`import eval` would hide Python's builtin of that name.
"""
