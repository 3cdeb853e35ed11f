"""Copies of the example projects in which clients are generated and tried, and the programs that work in them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
DIPTYCH: Final = Path(sys.executable).with_name("diptych")
GENERATORS: Final = ROOT / "build" / "generated-python" / "bin"
NODE_MODULES: Final = HERE / "node_modules"


def write_schemas(folder: Path) -> None:
    """Print both schemas of the demo, as a user would, into a folder."""
    run(folder, DIPTYCH, "schema", "--output", "schema.graphql")
    run(folder, DIPTYCH, "openapi", "--output", "openapi.json")


def typescript_project(folder: Path) -> Path:
    """Copy the TypeScript examples beside new schemas, and let the installed packages be found from there."""
    assert (NODE_MODULES / ".ready").exists(), "`make test` installs the packages from npm"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules", "generated", "built", "python", "*.py", "__pycache__"))
    (folder / "node_modules").symlink_to(NODE_MODULES)
    write_schemas(folder)
    return folder


def python_project(folder: Path) -> Path:
    """Copy the Python examples beside new schemas."""
    assert (GENERATORS / "python").exists(), "`make test` installs the generators"
    shutil.copytree(HERE / "python", folder, ignore=shutil.ignore_patterns("__pycache__"))
    write_schemas(folder)
    return folder


def lint_project(folder: Path) -> Path:
    """Copy the linters' configuration beside new schemas and the operations of the Python example."""
    assert (NODE_MODULES / ".ready").exists(), "`make test` installs the packages from npm"
    shutil.copytree(HERE / "lint", folder)
    shutil.copy(HERE / "python" / "stock.graphql", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(NODE_MODULES)
    write_schemas(folder)
    return folder


def run(folder: Path, *command: str | Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a program that must succeed; returns what it said."""
    code, said = attempt(folder, *command, variables=variables)
    assert code == 0, f"{' '.join(map(str, command))} ended with {code}:\n{said}"
    return said


def attempt(folder: Path, *command: str | Path, variables: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a program; returns its exit code and what it said. The packages' own programs are found by name."""
    path = os.pathsep.join([str(folder / "node_modules" / ".bin"), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}
    environment = {**kept, "PATH": path, "NO_COLOR": "1", "TERM": "dumb", **(variables or {})}
    # A program that asks npm for news of itself waits for an answer that nobody needs.
    environment |= {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_UPDATE_NOTIFIER": "1"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
