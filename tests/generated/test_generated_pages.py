"""The pages on generated clients show the files that the other tests here compile and run, and the commands that made them."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.docs.blocks import read_blocks
from tests.generated.projects import HERE, ROOT

PAGES: Final = {
    "typescript-graphql.md": HERE,
    "typescript-rest.md": HERE,
    "react.md": HERE,
    "python-generated.md": HERE / "python",
}
LEAST: Final = {"typescript-graphql.md": 6, "typescript-rest.md": 4, "react.md": 5, "python-generated.md": 5}


def page_of(name: str) -> Path:
    return ROOT / "docs" / "how-to" / name


@pytest.mark.parametrize("name", PAGES)
def test_pages_show_what_is_run(name: str) -> None:
    """A block that names a file is that file, to the letter."""
    shown = [block for block in read_blocks(page_of(name)) if block.info]
    assert [block.place for block in shown if (PAGES[name] / block.info).read_text(encoding="utf-8") != block.text] == []
    assert len(shown) >= LEAST[name]


@pytest.mark.parametrize("name", PAGES)
def test_code_that_is_shown_is_run(name: str) -> None:
    """No block of code stands on its own, which nobody would compile."""
    code = [block for block in read_blocks(page_of(name)) if block.language in ("typescript", "tsx", "python", "toml", "yaml")]
    assert [block.place for block in code if not block.info] == []


@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param("typescript-graphql.md", "graphql-codegen", id="codegen"),
        pytest.param("typescript-rest.md", "openapi-typescript openapi.json --default-non-nullable false", id="openapi-typescript"),
    ],
)
def test_commands_are_those_of_the_project(name: str, command: str) -> None:
    scripts = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["scripts"]
    assert command in scripts["generate"]
    assert f"\nnpx {command}" in page_of(name).read_text(encoding="utf-8")


def test_commands_install_what_is_pinned() -> None:
    """A package that a page installs is one that the examples are tested with."""
    package = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    pinned = package["dependencies"].keys() | package["devDependencies"].keys()
    lines = [line for name in PAGES for block in read_blocks(page_of(name)) for line in block.text.splitlines()]
    installed = {word for line in lines if line.startswith("npm install ") for word in line.split()[2:] if not word.startswith("-")}
    assert installed - pinned == set()
    assert len(installed) > 10
