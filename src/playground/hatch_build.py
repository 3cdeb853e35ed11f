"""Builds the scripts of playgrounds and console with Node when they are missing or older than their sources.

Runs as a hook of every build of the package, editable ones too, and by itself: `python src/playground/hatch_build.py`.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLAYGROUND = Path(__file__).resolve().parent
CONSOLE = PLAYGROUND.parent / "console"
STATIC = PLAYGROUND.parent / "diptych" / "pages" / "static"
SOURCES = frozenset({".js", ".ts", ".tsx", ".css", ".json"})
NEEDS_NODE = (
    "diptych's pages are built with Node.js 20.19 or newer and npm, and {} was not found. Install it (Debian: apt-get install nodejs npm)."
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
    for folder in (CONSOLE, PLAYGROUND):
        install(npm, folder)
    with tempfile.TemporaryDirectory() as console:
        run(node, "node_modules/vite/bin/vite.js", "build", "--logLevel=warn", "--emptyOutDir", f"--outDir={console}", folder=CONSOLE)
        run(node, "build.js", str(STATIC), wanted, console, folder=PLAYGROUND)


def install(npm: str, folder: Path) -> None:
    """Install what the folder's lock names, unless that is there already."""
    lock, ready = (folder / "package-lock.json").read_text(encoding="utf-8"), folder / "node_modules" / ".ready"
    if ready.is_file() and ready.read_text(encoding="utf-8") == lock:
        return
    # Packages' own install scripts do not run: the programs of esbuild and Vite come ready-made as optional dependencies.
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=folder)
    ready.parent.mkdir(exist_ok=True)
    ready.write_text(lock, encoding="utf-8")


def digest_of_sources() -> str:
    """Name the state of everything the static files are made from, independent of file times."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(f"{path.relative_to(PLAYGROUND.parent).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    """Every file that the static files are made from, in an order of its own."""
    for folder in (PLAYGROUND, CONSOLE, CONSOLE / "src"):
        # Only what lies in the console's `src` has folders of its own; `node_modules` and tests are no sources.
        found = folder.rglob("*") if folder.name == "src" else folder.iterdir()
        yield from sorted(path for path in found if path.suffix in SOURCES and path.is_file())


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


def run(*command: str, folder: Path) -> None:
    # What npm prints would be read as the build backend's own answer, so it goes to standard error.
    if subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode != 0:
        raise RuntimeError(f"Building diptych's pages failed in {folder} at: {' '.join(command[1:3])}")


if __name__ == "__main__":
    build_pages()
