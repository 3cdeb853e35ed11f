"""The command line, put together: one file for each command."""

from importlib.metadata import version
from typing import Annotated

import typer

from diptych.cli.check import check
from diptych.cli.diff import diff
from diptych.cli.explain import explain
from diptych.cli.migrate import migrate
from diptych.cli.new import new
from diptych.cli.schemas import openapi, schema
from diptych.cli.serve import serve

app = typer.Typer(
    help="One declaration, two doors: serve SQLModel resources as REST and GraphQL, with every write guarded by a version.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"diptych {version('diptych')}")
        raise typer.Exit


@app.callback()
def _diptych(
    version: Annotated[bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which diptych this is.")] = False,
) -> None:
    pass


for command in (new, serve, check, schema, openapi, explain, diff):
    app.command()(command)
app.add_typer(migrate, name="migrate")
