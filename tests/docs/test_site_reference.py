"""The pages of the reference that are made from the code are as the code is, and what examples use stands in them."""

import ast
import json
import re
from typing import Final

import pytest

import diptych
from docs.site.names import Source, describe_names, public_names
from docs.site.reference import MADE, REFERENCE
from tests.docs.blocks import ROOT, Block, read_blocks

PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PYTHON: Final = [block for page in PAGES for block in read_blocks(page) if block.language == "python"]


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_as_the_code_is(name: str) -> None:
    there = (REFERENCE / name).read_text(encoding="utf-8")
    assert there == MADE[name](), f"docs/reference/{name} has drifted: make reference"


def test_every_public_name_has_its_heading_once() -> None:
    chapters = re.split(r"^## (.+)$", describe_names(), flags=re.MULTILINE)[1:]
    told = {chapter: re.findall(r"^### (.+)$", text, re.MULTILINE) for chapter, text in zip(chapters[::2], chapters[1::2], strict=True)}
    assert told == {module: list(names) for module, names in public_names().items()}


def test_the_package_exports_what_the_page_goes_by() -> None:
    """The page is made without importing anything; what is read as the exports is what Python sees."""
    assert list(public_names()["diptych"]) == diptych.__all__


@pytest.mark.parametrize("module", list(public_names()))
def test_every_public_class_and_function_is_told_in_words(module: str) -> None:
    """A value may speak for itself; whatever is called or caught has a docstring."""
    definitions = {name: Source.of(module).definition(name) for name in public_names()[module]}
    told = {
        name: ast.get_docstring(node)
        for name, node in definitions.items()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert [name for name, docstring in told.items() if not docstring] == []


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in PYTHON])
def test_examples_import_what_the_reference_has(block: Block) -> None:
    """An example that needs a name which is nobody's to use would teach readers to rely on it."""
    imported = [
        (node.module, alias.name)
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.split(".")[0] == "diptych"
        for alias in node.names
    ]
    assert [f"{module}.{name}" for module, name in imported if name not in public_names().get(module, ())] == []


def test_both_schemas_have_the_names_that_stand_side_by_side() -> None:
    graphql = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    openapi = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    rows = re.findall(
        r"^\| [^|]+ \| (\w+) `(\w+)` \| (?:schema )?`([^`]+)` \|$", (REFERENCE / "schemas.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 12
    for kind, name, rest in rows:
        field = kind in ("query", "mutation")
        assert re.search(rf"^  {name}[(:]" if field else rf"^{kind} {name}\b", graphql, re.MULTILINE), name
        if field:
            method, path = rest.split()
            assert method.lower() in openapi["paths"][path], rest
        else:
            assert rest in openapi["components"]["schemas"], rest
