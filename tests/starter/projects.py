"""Projects made by `diptych new`, and the commands that a user gives in them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# What mypy has read of the packages that are installed is the same for every project.
MYPY_CACHE = ROOT / "build" / "starter-mypy"


def attempt(folder: Path, *command: str) -> tuple[int, str]:
    """Run a command; returns its exit code and what it said. Nothing of this run's own settings reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIPTYCH_", "PYTEST_", "MAKE"))}
    environment = {**kept, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    environment["MYPY_CACHE_DIR"] = str(MYPY_CACHE)
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def run(folder: Path, *command: str) -> str:
    """Run a command that must succeed."""
    code, said = attempt(folder, *command)
    assert code == 0, f"{' '.join(command)} ended with {code}:\n{said}"
    return said


def make(*targets: str) -> tuple[str, ...]:
    """`make` in a project, with the tools that are installed already in the place of its own `.venv`."""
    return ("make", "--old-file=.venv/.ready", f"BIN={BIN}", *targets)
