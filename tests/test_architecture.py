"""The arrows between the packages: what each may import, drawn from the code itself."""

import ast
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "diptych"

ANYTHING = None
# Besides itself and the standard library. A name stands for everything beneath it.
ALLOWED: dict[str, frozenset[str] | None] = {
    "semantics": frozenset(),
    "resource": frozenset({"diptych.semantics", "pydantic", "pydantic_core", "sqlmodel", "sqlalchemy"}),
    "service": frozenset({"diptych.semantics", "diptych.resource"}),
    "http": frozenset({"diptych.semantics", "pydantic_core"}),
    "identity": frozenset({"diptych.semantics", "diptych.http", "fastapi", "starlette", "httpx", "joserfc", "sqlalchemy"}),
    "store": frozenset({"diptych.semantics", "diptych.resource", "diptych.service.ports", "sqlalchemy", "asyncpg", "aiosqlite"}),
    "rest": frozenset({"diptych.semantics", "diptych.resource", "diptych.service", "diptych.http"}),
    "graphql": frozenset({"diptych.semantics", "diptych.resource", "diptych.service", "diptych.http", "strawberry", "graphql"}),
    "pages": frozenset({"diptych.semantics.problems"}),
    "client": frozenset({"diptych.semantics", "httpx", "pydantic", "pydantic_core"}),
    # Between both doors: says in the words of one what was said in those of the other.
    "explain": frozenset(
        {"diptych.semantics", "diptych.resource", "diptych.http", "diptych.rest", "diptych.graphql", "strawberry", "graphql"}
    ),
    "migrations": frozenset({"diptych.semantics", "diptych.resource", "diptych.store", "sqlalchemy", "alembic"}),
    "observe": frozenset(
        {
            "diptych.semantics",
            "diptych.resource",
            "diptych.service",
            "diptych.http",
            "pydantic_core",
            "prometheus_client",
            "opentelemetry",
        }
    ),
    "starter": frozenset(),
    # Where everything meets.
    "app": ANYTHING,
    "demo": ANYTHING,
    "cli": ANYTHING,
    "testing": ANYTHING,
    "__init__": ANYTHING,
}
ASSEMBLY = frozenset(name for name, allowed in ALLOWED.items() if allowed is ANYTHING)

FILES = sorted(path for path in ROOT.rglob("*.py"))


def package_of(path: Path) -> str:
    """The package of a file, or its own name where it stands beside the packages."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(source: str) -> Iterator[str]:
    """Every module that a file imports, wherever in it; for `from a import b` both a and a.b, since b may be a module."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                # Only absolute imports are read; a relative one would hide its arrow.
                yield from (f"{'.' * level}{module or ''}.{alias.name}" for alias in names)
            case _:
                pass


def forbidden(source: str, package: str) -> list[str]:
    """The imports of a file in a package that the table does not allow."""
    allowed = ALLOWED[package]
    if allowed is ANYTHING:
        return []
    within = {f"diptych.{package}", *allowed}
    return [
        name
        for name in imported(source)
        if name.split(".")[0] not in sys.stdlib_module_names and not any(f"{name}.".startswith(f"{prefix}.") for prefix in within)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_allowed(path: Path) -> None:
    assert forbidden(path.read_text(), package_of(path)) == []


@pytest.mark.parametrize(
    ("package", "source", "found"),
    [
        pytest.param("semantics", "import json.decoder", [], id="the-standard-library"),
        pytest.param("semantics", "import pydantic", ["pydantic"], id="a-library-in-the-rules"),
        pytest.param("semantics", "from diptych.semantics import pointer", [], id="itself"),
        pytest.param("semantics", "def f():\n    import sqlmodel", ["sqlmodel"], id="inside-a-function"),
        pytest.param("rest", "from diptych.graphql.door import Door", ["diptych.graphql.door.Door"], id="the-other-door"),
        pytest.param("rest", "from diptych import graphql", ["diptych.graphql"], id="the-other-door-by-its-package"),
        pytest.param("graphql", "import graphql, diptych.store", ["diptych.store"], id="the-store-from-a-door"),
        pytest.param("graphql", "import graphqlish", ["graphqlish"], id="a-name-that-begins-alike"),
        pytest.param("store", "from diptych.service.ports import Store", [], id="the-ports"),
        pytest.param("store", "from diptych.service import ports", [], id="the-ports-as-a-module"),
        pytest.param("store", "from diptych.service.execute import Service", ["diptych.service.execute.Service"], id="more-than-the-ports"),
        pytest.param("rest", "from .graphql import x", [".graphql.x"], id="a-relative-import"),
        pytest.param("app", "import fastapi, diptych.store", [], id="the-assembly"),
    ],
)
def test_a_planted_arrow_is_found(package: str, source: str, found: list[str]) -> None:
    assert forbidden(source, package) == found


def test_every_package_is_in_the_table() -> None:
    assert {package_of(path) for path in FILES} <= set(ALLOWED)


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_only_exports(path: Path) -> None:
    """A docstring, imports, and `__all__`."""
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
                pass
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                pass
            case _:
                pytest.fail(f"line {node.lineno} does more than export")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


# Imports the modules named on the command line, out of the folder in front of them, as if the package that is named next had
# been deleted. The package itself exports the assembly, so its own `__init__` is left out.
IMPORT = textwrap.dedent(
    """
    import importlib, sys, types
    root, deleted, *modules = sys.argv[1:]

    class Deleted:
        def find_spec(self, name, path=None, target=None):
            if deleted and (name + ".").startswith(deleted + "."):
                raise ModuleNotFoundError(name)

    sys.meta_path.insert(0, Deleted())
    package = sys.modules["diptych"] = types.ModuleType("diptych")
    package.__path__ = [root]
    for module in modules:
        importlib.import_module(module)
    """
)


def modules_of(*packages: str) -> list[str]:
    found = (path for path in FILES if package_of(path) in packages)
    return [".".join(("diptych", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__") for path in found]


def run_imports(*flags: str, deleted: str, modules: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, "-c", IMPORT, str(ROOT), deleted, *modules]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("door", ["rest", "graphql"])
def test_without_either_door_the_rest_still_imports(door: str) -> None:
    between = {name for name, allowed in ALLOWED.items() if allowed is not ANYTHING and f"diptych.{door}" in allowed}
    rest = modules_of(*(set(ALLOWED) - ASSEMBLY - between - {door}))
    assert rest
    done = run_imports(deleted=f"diptych.{door}", modules=rest)
    assert done.returncode == 0, done.stderr


def test_a_door_that_is_needed_is_missed() -> None:
    """The test above can fail: the assembly needs both doors."""
    assert "ModuleNotFoundError: diptych.rest" in run_imports(deleted="diptych.rest", modules=modules_of("app")).stderr


def test_the_rules_import_with_nothing_installed() -> None:
    done = run_imports("-S", "-I", deleted="", modules=modules_of("semantics"))
    assert done.returncode == 0, done.stderr


def test_nothing_is_installed_there() -> None:
    """The test above can fail: no library is found that way."""
    assert "ModuleNotFoundError" in run_imports("-S", "-I", deleted="", modules=["pydantic"]).stderr
