"""Builds the pages' scripts with Node when they are missing or older than their sources.

Runs as a hook of every build of the package, editable ones too, and by itself: `python src/playground/hatch_build.py`.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLAYGROUND = Path(__file__).resolve().parent
STATIC = PLAYGROUND.parent / "diptych" / "pages" / "static"
NEEDS_NODE = (
    "diptych's pages are built with Node.js 20 or newer and npm, and {} was not found. Install it (Debian: apt-get install nodejs npm)."
)


class PagesBuildHook(BuildHookInterface[Any]):
    """Has the pages' scripts in place before the files of the package are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_pages()


def build_pages() -> None:
    """Build the static files unless those in place were made from these very sources; RuntimeError without Node."""
    wanted = digest_of_sources()
    if built_from(STATIC) == wanted:
        return
    npm, node = program("npm"), program("node")
    # Packages' own install scripts do not run: esbuild's program comes ready-made as an optional dependency.
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run(node, "build.js", str(STATIC), wanted)


def digest_of_sources() -> str:
    """Name the state of everything the static files are made from, independent of file times."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PLAYGROUND.iterdir() if p.suffix in {".js", ".css", ".json"}):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def built_from(static: Path) -> str | None:
    """Tell which sources the static files were made from; None when they are missing or were cut short."""
    try:
        manifest = json.loads((static / "manifest.json").read_bytes())
        complete = all((static / manifest["version"] / name).is_file() for name in manifest["files"])
        return str(manifest["sources"]) if complete else None
    except (OSError, ValueError, KeyError):
        return None


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(NEEDS_NODE.format(name))
    return found


def run(*command: str) -> None:
    # What npm prints would be read as the build backend's own answer, so it goes to standard error.
    if subprocess.run(command, cwd=PLAYGROUND, stdout=sys.stderr, check=False).returncode != 0:
        raise RuntimeError(f"Building diptych's pages failed in {PLAYGROUND} at: {' '.join(command[1:3])}")


if __name__ == "__main__":
    build_pages()
