"""What linters of others say about both schemas. Each rule that is off is off in its configuration, with the reason."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.generated.projects import attempt, lint_project, run

pytestmark = pytest.mark.node

LINTERS: Final = {
    "eslint-schema": ("eslint", "--max-warnings=0", "schema.graphql"),
    "eslint-operations": ("eslint", "--max-warnings=0", "stock.graphql"),
    "inspector": ("graphql-inspector", "validate", "stock.graphql", "schema.graphql"),
    "redocly": ("redocly", "lint", "openapi.json", "--config=redocly.yaml", "--format=stylish"),
    "spectral": ("spectral", "lint", "--ruleset=spectral.yaml", "--fail-severity=hint", "openapi.json"),
}
FINDING: Final = re.compile(r"^\s+\d+:\d+\s+(?:error|warning|information|hint)\s.*", re.MULTILINE)

# For each linter, what is made wrong in the file that it reads, and the words that tell so.
FAULTS: Final = {
    "eslint-schema": {
        ('  """How many there are."""\n  quantity: Int!\n', "  quantity: Int!\n"): "require-description",
        ("\n  CREATED\n", "\n  created\n"): "naming-convention",
        ("  pageInfo: PageInfo!\n", "  place: PageInfo!\n"): "relay-connection-types",
    },
    "eslint-operations": {("$version: Int!", "$version: Int"): "variables-in-allowed-position"},
    "inspector": {
        ("$version: Int!", "$version: Int"): "Variable $version of type Int used in position expecting type Int!",
        ("  quantity\n", "  amount\n"): "Cannot query field amount on type StockItem",
    },
    "redocly": {
        ('"operationId": "listUsers"', '"operationId": "listDocuments"'): "operation-operationId-unique",
        ('"quantity": 1,', '"quantity": "one",'): "no-invalid-media-type-examples",
    },
    "spectral": {
        ('"name": "StockItem",\n      "description"', '"name": "Shelf",\n      "description"'): "operation-tag-defined",
        ('"description": "Sent again', '"summary": "Sent again'): "operation-description",
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lint_project(tmp_path_factory.mktemp("lint") / "project")


@pytest.mark.parametrize("linter", LINTERS)
def test_there_is_nothing_to_find(linter: str, project: Path) -> None:
    said = run(project, *LINTERS[linter])
    assert FINDING.findall(said) == []


@pytest.mark.thorough
@pytest.mark.parametrize("linter", LINTERS)
def test_what_is_wrong_is_found(linter: str, project: Path) -> None:
    file = next(project / part for part in LINTERS[linter] if (project / part).suffix in (".graphql", ".json"))
    right = file.read_text(encoding="utf-8")
    wrong = right
    for before, after in FAULTS[linter]:
        assert before in wrong
        wrong = wrong.replace(before, after)
    file.write_text(wrong, encoding="utf-8")
    try:
        _, said = attempt(project, *LINTERS[linter])
    finally:
        file.write_text(right, encoding="utf-8")
    assert [words for words in FAULTS[linter].values() if words not in said] == []


def test_a_change_that_breaks_clients_is_told(project: Path) -> None:
    """The inspector tells what a new schema takes from those who use the old one, and is content with what is only added."""
    schema = (project / "schema.graphql").read_text(encoding="utf-8")
    (project / "more.graphql").write_text(schema + '\n"""One more."""\ntype More {\n  """Its key."""\n  id: ID!\n}\n')
    (project / "less.graphql").write_text(schema.replace("= StockItemDeleted | NotFound | ", "= StockItemDeleted | "))
    assert "No breaking changes detected" in run(project, "graphql-inspector", "diff", "schema.graphql", "more.graphql")
    code, said = attempt(project, "graphql-inspector", "diff", "schema.graphql", "less.graphql")
    assert code != 0
    assert "Member NotFound was removed from Union type DeleteStockItemResult" in said
