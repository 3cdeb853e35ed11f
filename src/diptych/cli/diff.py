"""`diptych diff`: what the changes between two schemas do to those who use the older one."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from diptych.cli.saying import fail
from diptych.explain.changes import EFFECTS, Change
from diptych.explain.errors import NotUnderstood
from diptych.explain.graphql_changes import graphql_changes
from diptych.explain.openapi_changes import openapi_changes

_GRAPHQL = frozenset({".graphql", ".graphqls", ".gql"})
_COLOURS = {"breaking": "red", "dangerous": "yellow", "safe": "green"}


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The schema as it was: GraphQL (.graphql) or OpenAPI (.json).")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The schema as it is now, of the same kind.")],
    allow_breaking: Annotated[bool | None, typer.Option("--allow-breaking", help="Exit with 0 though something breaks.")] = None,
    as_json: Annotated[bool | None, typer.Option("--json", help="Print it as JSON.")] = None,
) -> None:
    """Say for each change between two schemas whether it is breaking, dangerous or safe. Exits with 1 where something breaks."""
    try:
        changes = _changes(old, new)
    except NotUnderstood as error:
        fail(str(error))
    if as_json:
        counts = Counter(change.effect for change in changes)
        told = {"counts": {effect: counts[effect] for effect in EFFECTS}, "changes": [change.to_json() for change in changes]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(changes)
    if not allow_breaking and any(change.effect == "breaking" for change in changes):
        raise typer.Exit(1)


def _changes(old: Path, new: Path) -> list[Change]:
    """Raises NotUnderstood."""
    kinds = [path.suffix.lower() for path in (old, new)]
    if all(kind in _GRAPHQL for kind in kinds):
        return graphql_changes(_text(old), _text(new))
    if all(kind == ".json" for kind in kinds):
        return openapi_changes(_json(old), _json(new))
    raise NotUnderstood(
        f"{old.name} and {new.name} cannot be compared; give two GraphQL schemas (.graphql) or two OpenAPI documents (.json)."
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NotUnderstood(f"{path} is not UTF-8 text.") from None
    except OSError as error:
        raise NotUnderstood(f"{path} cannot be read: {error.strerror}.") from None


def _json(path: Path) -> object:
    try:
        read: object = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"{path} is no JSON: {error}.") from None
    return read


def _print(changes: list[Change]) -> None:
    console = Console(highlight=False)
    for change in changes:
        colour = _COLOURS[change.effect]
        console.print(f"[{colour}]{change.effect:<9}[/{colour}] {escape(change.path)}: {escape(change.said)}", soft_wrap=True)
    counts = Counter(change.effect for change in changes)
    told = ", ".join(f"{counts[effect]} {effect}" for effect in EFFECTS if counts[effect])
    console.print(escape(told or "Nothing has changed that a client could notice."), soft_wrap=True)
