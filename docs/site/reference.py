"""Writes the pages of the reference that are made from the code: `python -m docs.site.reference`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docs.site.commands import describe_commands
from docs.site.names import describe_names

REFERENCE: Final = Path(__file__).parents[1] / "reference"
MADE: Final[Mapping[str, Callable[[], str]]] = {"cli.md": describe_commands, "python.md": describe_names}


def write_reference() -> None:
    for name, describe in MADE.items():
        (REFERENCE / name).write_text(describe(), encoding="utf-8")


if __name__ == "__main__":
    write_reference()
