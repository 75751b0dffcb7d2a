"""Makes the test support packages beside this file importable (``from oracle.bruteforce import brute_force``)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
