"""Priority among processes: those that answer questions go before those that bring documents in."""

import os

_NICENESS = 8


def step_back() -> None:
    """Let other processes go first, where the system knows such a thing; call it before threads are started."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
