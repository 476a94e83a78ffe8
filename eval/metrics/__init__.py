"""The measures of a run, one module a family; values lie between 0 and 1, and None says "does not apply"."""
