"""`diptych new`: a small project to start from."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from diptych.cli.saying import fail
from diptych.starter import Database, UnfitName, checked_name, files_of

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the project, its folder and its package are called, such as shop.")]
Kind = Annotated[Database | None, typer.Option("--database", help="Where rows are kept: sqlite, unless said otherwise, or postgresql.")]
DryRun = Annotated[bool | None, typer.Option("--dry-run", help="Say which files would be written, and write none.")]


def new(name: Name, database: Kind = None, dry_run: DryRun = None) -> None:
    """Write a project to start from: a model, a bridge, tests through both doors, and what runs them."""
    try:
        files = files_of(checked_name(name), database=database or "sqlite", version=version("diptych"))
    except UnfitName as error:
        fail(str(error))
    folder = Path(name)
    _must_be_free(folder)
    if dry_run:
        for path in files:
            typer.echo(folder / path)
        return
    try:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            # "x": what has come into the folder meanwhile is not written over.
            with place.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        fail(f"{error.filename or folder} cannot be written: {error.strerror}.")
    _say_what_is_next(name, len(files), with_postgresql=database == "postgresql")


def _must_be_free(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        fail(f"{str(folder)!r} is there already, and is no folder. Give another name.")
    if folder.is_dir() and any(folder.iterdir()):
        fail(f"The folder {str(folder)!r} is there already, and is not empty. Give another name, or empty it first.")


def _say_what_is_next(name: str, files: int, *, with_postgresql: bool) -> None:
    steps = [f"cd {name}", "make test      # through both doors, over a database of each test's own"]
    if with_postgresql:
        steps.append("docker compose up --detach      # a PostgreSQL to develop with")
    steps += ["make run       # serves http://127.0.0.1:8000/", "make schema    # writes schema.graphql and openapi.json"]
    typer.echo(f"{name}/ is written: {files} files. What is served stands in {name}/{name}/models.py. Next:\n")
    for step in steps:
        typer.echo(f"  {step}")
