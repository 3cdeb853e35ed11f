"""TypeScript clients made from both schemas: what compiles, what must not, and what they do against a real server."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.generated.projects import attempt, run, typescript_project

pytestmark = pytest.mark.node

# As tsc writes them: wrong/rest.ts(6,47): error TS2741: Property …, with the reasons indented below.
DIAGNOSTIC: Final = re.compile(r"^(?P<file>[^\s(]+)\((?P<line>\d+),\d+\): error TS\d+: (?P<message>.*(?:\n  .*)*)", re.MULTILINE)
REFUSED: Final = "// refused: "


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, with their clients generated."""
    project = typescript_project(tmp_path_factory.mktemp("typescript") / "project")
    run(project, "npm", "run", "generate")
    return project


@pytest.fixture(scope="module")
def told(project: Path) -> dict[tuple[str, int], str]:
    """What the compiler complains of, by file and line; the lines that must not compile are among what it reads."""
    _, said = attempt(project, "tsc", "-p", "tsconfig.wrong.json", "--pretty", "false")
    told: dict[tuple[str, int], str] = {}
    for found in DIAGNOSTIC.finditer(said):
        place = (found["file"], int(found["line"]))
        told[place] = told.get(place, "") + found["message"]
    assert told, said
    return told


@pytest.fixture(scope="module")
def bundled(project: Path) -> Path:
    """The tests of the examples as Node runs them."""
    run(project, "npm", "run", "bundle")
    return project


def test_the_examples_compile(told: dict[tuple[str, int], str]) -> None:
    """All of them, the generated code too, with every strict rule of the compiler."""
    assert {place: message for place, message in told.items() if not place[0].startswith("wrong/")} == {}


def test_an_operation_cannot_forget_the_version(project: Path) -> None:
    """Where versions are required, the schema demands one of every operation, so nothing is generated for one without."""
    code, said = attempt(project, "graphql-codegen", "--config", "codegen.wrong.ts")
    assert code != 0
    assert 'argument "version" of type "Int!" is required' in said
    assert 'Variable "$version" of type "Int" used in position expecting type "Int!"' in said


def test_mistakes_do_not_compile(project: Path, told: dict[tuple[str, int], str]) -> None:
    """A forgotten version, a refusal that a switch leaves out, a field of another type: each line, for the reason that it tells."""
    expected = {
        (f"wrong/{file.name}", number + 1): line.split(REFUSED)[1]
        for file in sorted((project / "wrong").glob("*.ts"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if REFUSED in line
    }
    assert len(expected) == 13
    refused = {place: message for place, message in told.items() if place[0].startswith("wrong/")}
    assert refused.keys() == expected.keys()
    assert {place: reason for place, reason in expected.items() if reason not in refused[place]} == {}


def test_the_clients_do_what_they_should(bundled: Path, demo: str) -> None:
    """Conflicts, null and absence, lost answers; Apollo's cache and React's pages among them."""
    code, said = attempt(bundled, "npm", "test", variables={"DIPTYCH_ADDRESS": demo})
    assert code == 0, said
    written = sum(len(re.findall(r"^test\(", file.read_text(encoding="utf-8"), re.MULTILINE)) for file in bundled.glob("*/*.test.ts*"))
    assert f"\n# pass {written}\n" in said
    assert written >= 28
