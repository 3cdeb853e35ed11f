"""When the pages' scripts are built, and what is said when they cannot be."""

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

SOURCES = Path(__file__).parents[2] / "src"
PLAYGROUND = SOURCES / "playground"
BUILT = ["npm", "npm", "node", "node"]  # what each folder needs, then Vite, then what puts all together


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook, with sources and static files of its own and programs that only leave a note."""
    spec = importlib.util.spec_from_file_location("playground_build", PLAYGROUND / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources, console, static = tmp_path / "sources", tmp_path / "console", tmp_path / "static"
    sources.mkdir()
    (console / "src" / "ui").mkdir(parents=True)
    (sources / "entry.js").write_text("1")
    (console / "src" / "ui" / "view.tsx").write_text("1")
    for folder in (sources, console):
        (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(module, "PLAYGROUND", sources)
    monkeypatch.setattr(module, "CONSOLE", console)
    monkeypatch.setattr(module, "STATIC", static)
    monkeypatch.setattr(module, "program", lambda name: name)
    return module


@pytest.fixture
def ran(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that were run; `node build.js` writes what the real one does."""
    seen: list[str] = []

    def run(*command: str, folder: Path) -> None:
        seen.append(command[0])
        if command[:2] == ("node", "build.js"):
            folder = Path(command[2]) / "1"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "entry.js").write_text("built")
            manifest = {"version": "1", "sources": command[3], "files": ["entry.js"]}
            (folder.parent / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(build, "run", run)
    return seen


def test_missing_files_are_built_once(build: ModuleType, ran: list[str]) -> None:
    build.build_pages()
    build.build_pages()
    assert ran == BUILT


def test_what_is_installed_is_not_installed_again(build: ModuleType, ran: list[str]) -> None:
    build.build_pages()
    (build.PLAYGROUND / "entry.js").write_text("2")
    build.build_pages()
    (build.CONSOLE / "package-lock.json").write_text('{"version": 2}')
    build.build_pages()
    assert ran == [*BUILT, "node", "node", "npm", "node", "node"]


def test_tests_and_packages_of_the_console_are_no_sources(build: ModuleType, ran: list[str]) -> None:
    build.build_pages()
    for folder in ("tests", "node_modules"):
        (build.CONSOLE / folder).mkdir(exist_ok=True)
        (build.CONSOLE / folder / "more.ts").write_text("1")
    build.build_pages()
    assert ran == BUILT


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda build: (build.PLAYGROUND / "entry.js").write_text("2"), id="a-source-has-changed"),
        pytest.param(lambda build: (build.PLAYGROUND / "more.css").write_text("p {}"), id="a-source-is-new"),
        pytest.param(lambda build: (build.CONSOLE / "src" / "ui" / "view.tsx").write_text("2"), id="a-source-of-the-console-has-changed"),
        pytest.param(lambda build: (build.CONSOLE / "vite.config.ts").write_text("2"), id="the-console-is-built-in-another-way"),
        pytest.param(lambda build: (build.STATIC / "1" / "entry.js").unlink(), id="a-built-file-is-gone"),
        pytest.param(lambda build: (build.STATIC / "manifest.json").write_text('{"version'), id="the-manifest-is-cut-short"),
        pytest.param(lambda build: shutil.rmtree(build.STATIC), id="all-is-gone"),
    ],
)
def test_built_again_when(build: ModuleType, ran: list[str], harm: Callable[[ModuleType], object]) -> None:
    build.build_pages()
    harm(build)
    build.build_pages()
    assert ran == [*BUILT, "node", "node"]


def test_a_build_of_the_package_builds_the_pages(build: ModuleType, ran: list[str]) -> None:
    for version in ("standard", "editable"):
        build.PagesBuildHook.initialize(object.__new__(build.PagesBuildHook), version, {})
    assert ran == BUILT


def test_without_node_the_message_says_what_to_install(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match=r"Node\.js 20\.19 or newer"):
        build.program("npm")


@pytest.mark.parametrize("folder", ["playground", "console"])
def test_nothing_in_the_lock_names_a_host(folder: str) -> None:
    """What is locked is names, versions and digests; where they come from is each machine's own setting."""
    lock = json.loads((SOURCES / folder / "package-lock.json").read_bytes())
    for path, package in lock["packages"].items():
        assert "resolved" not in package, path
        assert path == "" or "integrity" in package, path
    pins = (SOURCES.parent / "requirements" / "dev.txt").read_text().splitlines()
    for pin in pins:
        assert pin.startswith("#") or " " not in pin.strip(), pin
        assert "/" not in pin, pin
