"""What a notebook waits for: imports that aren't needed, and the compiler."""

import subprocess
import sys

from trialwright.design.prebuild import prebuild


def test_importing_the_designs_reads_neither_protocols_nor_the_compiler() -> None:
    ask = (
        "import sys, trialwright.design; "
        "print([m for m in ('numba', 'scipy.stats', 'yaml', 'trialwright.protocol.model', "
        "'django') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_every_engine_can_be_compiled_ahead() -> None:
    prebuild()
