"""How long the proofs run: `SOAK=10` does ten times what `make test` does, and tells how far it has come."""

import os
import sys

SOAK = int(os.environ.get("SOAK", "1"))


def progress(words: str) -> None:
    """Say how far a long proof has come; an ordinary run says nothing."""
    if SOAK > 1:
        sys.stderr.write(f"  {words}\n")
