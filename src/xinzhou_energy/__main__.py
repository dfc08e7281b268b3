"""`python -m xinzhou_energy` is the command `xinzhou-energy`."""

from __future__ import annotations

import sys

from xinzhou_energy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
