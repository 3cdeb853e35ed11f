"""The page of traps names tests that there are: each file, each function in it, and each row of the function's table."""

import ast
import re
from functools import cache
from typing import Final

import pytest

from tests.docs.blocks import ROOT

PAGE: Final = (ROOT / "docs" / "reference" / "traps.md").read_text(encoding="utf-8")
NAME: Final = re.compile(r"`(tests/[\w/]+/test_\w+\.py)::(test_\w+)(?:\[([^\]`]+)\])?`")
TRAPS: Final = 41


def rows() -> list[list[str]]:
    """The cells of every row, without the lines of heads."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith("| ---")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[-1] != "held by"]


@cache
def functions(path: str) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def texts(path: str) -> frozenset[str]:
    """Every text that stands in a file by itself: names of rows are among them."""
    return frozenset(node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def faults(cell: str) -> list[str]:
    """What is wrong with the names of one cell."""
    found = []
    named = cell.split(" · ")
    if len(set(named)) < len(named):
        found.append(f"named twice: {cell}")
    for name in named:
        parts = NAME.fullmatch(name)
        if parts is None:
            found.append(f"no name of a test: {name}")
        elif not (ROOT / parts[1]).is_file():
            found.append(f"no such file: {name}")
        elif parts[2] not in functions(parts[1]):
            found.append(f"no such test: {name}")
        elif parts[3] is not None and parts[3] not in texts(parts[1]):
            found.append(f"no such row: {name}")
    return found


def test_every_test_that_is_named_exists() -> None:
    assert [fault for row in rows() for fault in faults(row[-1])] == []


def test_the_traps_are_counted() -> None:
    assert [row[0] for row in rows() if len(row) == 4] == [str(number) for number in range(1, TRAPS + 1)]


HERE: Final = "tests/docs/test_traps.py"


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        pytest.param(f"`{HERE}::test_the_traps_are_counted`", None, id="a-test"),
        pytest.param(f"`{HERE}::test_a_wrong_name_is_noticed[a-test]`", None, id="one-row-of-a-test"),
        pytest.param("", "no name of a test", id="nothing"),
        pytest.param("by hand", "no name of a test", id="words"),
        pytest.param(f"{HERE}::test_the_traps_are_counted", "no name of a test", id="not-marked-as-code"),
        pytest.param("`tests/docs/test_nothing.py::test_x`", "no such file", id="no-file"),
        pytest.param(f"`{HERE}::test_{'nothing'}`", "no such test", id="no-function"),
        pytest.param(f"`{HERE}::test_a_wrong_name_is_noticed[{'no'}-row-of-it]`", "no such row", id="no-row"),
        pytest.param(" · ".join([f"`{HERE}::test_the_traps_are_counted`"] * 2), "named twice", id="twice"),
    ],
)
def test_a_wrong_name_is_noticed(cell: str, fault: str | None) -> None:
    assert [found.partition(":")[0] for found in faults(cell)] == ([] if fault is None else [fault])
