"""How long the proofs run: `SOAK=20` does twenty times what `make test` does."""

import os

SOAK = int(os.environ.get("SOAK", "1"))
