"""What every command says when something is wrong, or dangerous."""

from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

_errors = Console(stderr=True, highlight=False)


def fail(message: str) -> NoReturn:
    """Say what is wrong and what would be accepted, and end with status 1."""
    # Escaped, since rich takes the brackets of "Annotated[str, …]" for a style of its own.
    _errors.print(f"[red]error:[/red] {escape(message)}", soft_wrap=True)
    raise typer.Exit(1)


def warn(message: str) -> None:
    """Say what is dangerous, and go on."""
    _errors.print(f"[yellow]warning:[/yellow] {escape(message)}", soft_wrap=True)
