"""`diptych schema` and `diptych openapi`: what code generators read."""

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from diptych.cli.saying import fail
from diptych.cli.targets import Target, find_bridge

Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of printing.")]
Check = Annotated[Path | None, typer.Option("--check", help="Compare with this file; exit 1 and show the difference when it drifts.")]


def schema(target: Target = None, output: Output = None, check: Check = None) -> None:
    """Print the GraphQL schema, write it to a file, or check a file against it."""
    _deliver(find_bridge(target, None).sdl(), output, check)


def openapi(target: Target = None, output: Output = None, check: Check = None) -> None:
    """Print the OpenAPI 3.1 document, write it to a file, or check a file against it."""
    _deliver(json.dumps(find_bridge(target, None).openapi(), indent=2, ensure_ascii=False), output, check)


def _deliver(text: str, output: Path | None, check: Path | None) -> None:
    text = text.rstrip("\n") + "\n"
    if check is not None:
        try:
            kept = check.read_text(encoding="utf-8")
        except OSError as error:
            fail(f"{check} cannot be read: {error.strerror}.")
        if kept != text:
            sys.stdout.writelines(difflib.unified_diff(kept.splitlines(True), text.splitlines(True), str(check), "as declared"))
            fail(f"{check} has drifted from the declaration; write it again with --output {check}.")
        return
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")
