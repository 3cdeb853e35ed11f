"""What the figures were measured on, as far as it matters to them."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from .contestants import NODE, node_program
from .load import program

_PYTHON_PACKAGES: Final = (
    "diptych",
    "fastapi",
    "starlette",
    "strawberry-graphql",
    "sqlmodel",
    "sqlalchemy",
    "asyncpg",
    "uvicorn",
    "uvloop",
)
_NODE_PACKAGES: Final = ("fastify", "mercurius", "pg", "postgraphile")
# Where a write that is said to be durable is not.
_FORGETFUL: Final = frozenset({"tmpfs", "ramfs"})


def facts(node: bool) -> dict[str, str]:
    """The machine and the versions; `node` tells whether servers from npm take part."""
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores",
        "load generator": " ".join(_first_line([program(), "--version"]).split()[:2]),
        "Python": platform.python_version(),
        **{name: version(name) for name in _PYTHON_PACKAGES},
    }
    if node:
        found["Node.js"] = _first_line([str(node_program()), "--version"])
        found.update({name: _node_version(name) for name in _NODE_PACKAGES})
    return found


def forgetful(folder: Path) -> bool:
    """Tell whether a folder lies in memory, where fsync means nothing."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    over = [(len(mount[1]), mount[2]) for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    return max(over)[1] in _FORGETFUL if over else False


def _first_line(command: list[str]) -> str:
    # wrk answers --version with exit code 1.
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return lines[0] if lines else ""


def _node_version(name: str) -> str:
    found: str = json.loads((NODE / "node_modules" / name / "package.json").read_text())["version"]
    return found
