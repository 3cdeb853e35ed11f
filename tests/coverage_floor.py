"""Holds the lines and the branches that tests reach against one floor, each by itself: a mean of the two would hide either.

`make coverage` runs it on the report that it has just written.
"""

import json
import sys
from pathlib import Path

# Percent; both figures must be above it.
FLOOR = 95


def main(report: Path) -> int:
    """Write both figures, and return 1 where one of them is not above the floor."""
    totals = json.loads(report.read_text())["totals"]
    figures = {
        "lines": (totals["covered_lines"], totals["num_statements"]),
        "branches": (totals["covered_branches"], totals["num_branches"]),
    }
    for name, (covered, total) in figures.items():
        sys.stdout.write(f"{name:<9} {100 * covered / total:.2f} % ({covered} of {total})\n")
    short = [name for name, (covered, total) in figures.items() if 100 * covered <= FLOOR * total]
    if short:
        sys.stderr.write(f"Not above {FLOOR} %: {', '.join(short)}.\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
