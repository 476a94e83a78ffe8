import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("before", "after"), [(0, 8), (3, 8), (12, 12)])
def test_a_process_steps_back_once_and_never_forward(before, after):
    script = (
        "import os; from corpus.priority import step_back; own = os.getpriority(os.PRIO_PROCESS, 0); "
        f"os.setpriority(os.PRIO_PROCESS, 0, max({before}, own)); "
        "step_back(); step_back(); print(os.getpriority(os.PRIO_PROCESS, 0))"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert int(said) == max(after, os.getpriority(os.PRIO_PROCESS, 0))
