"""The documentation names everything that there is, links to what is there, and agrees with the tables in the code."""

import dataclasses
import inspect
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest
import typer.main

from diptych import Bridge, Policy, RateLimit, Resource, Stamp, TrustedDocuments
from diptych.app.settings import PREFIX, Settings
from diptych.cli import app
from diptych.client import Client, Retries
from diptych.identity import ApiKeys, ApiKeyTable, BearerJwt
from diptych.semantics.outcome import VIOLATION_CODES
from diptych.semantics.problems import PROBLEMS, ProblemKind

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def one_line(text: str) -> str:
    return " ".join(text.split())


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


EACH_PAGE: Final = [pytest.param(page, id=named(page)) for page in PAGES]


def anchors(page: Path) -> list[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows, with their code marks taken off."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.code) for kind in PROBLEMS.values()])
def test_each_problem_has_its_heading(kind: ProblemKind) -> None:
    """Under a problem's heading stand the very sentences that its page on the server has."""
    page = text_of("reference/problems.md")
    found = re.search(rf"^## {kind.code}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    section = one_line(found[1])
    assert f"**What happened.** {kind.happened}" in section
    assert f"**What to do next.** {kind.next_step}" in section
    assert f"HTTP/1.1 {kind.status} " in section


def test_there_is_no_other_problem() -> None:
    headings = re.findall(r"^## (\w+)$", text_of("reference/problems.md"), re.MULTILINE)
    assert headings == list(PROBLEMS)


def test_the_contract_has_the_table_of_outcomes() -> None:
    """Code, status, GraphQL type and facts of the contract's table are those of the code."""
    table = {cells[1]: cells for cells in rows(text_of("reference/contract.md")) if len(cells) == 5 and cells[1] in PROBLEMS}
    for code, (_, _, rest, graphql, facts) in table.items():
        kind = PROBLEMS[code]
        assert rest.startswith(str(kind.status)), code
        assert set(kind.facts) == set(facts.split(", ")) - {"—"}, code
        assert (kind.graphql_type or "error") in graphql, code
    assert [code for code in PROBLEMS if code not in table] == [
        "method_not_allowed",
        "not_acceptable",
        "content_too_large",
        "unsupported_media_type",
    ]


def test_the_contract_has_all_violation_codes() -> None:
    contract = text_of("reference/contract.md")
    assert [code for code in VIOLATION_CODES if f"`{code}`" not in contract] == []


def test_sections_of_the_contract_are_counted() -> None:
    """Sections are cited by number, so none is left out or given twice."""
    numbers = re.findall(r"^###? (\d+)\.(\d+)? ", text_of("reference/contract.md"), re.MULTILINE)
    counted: list[tuple[str, str]] = []
    for chapter, section in numbers:
        last = counted[-1] if counted else ("0", "")
        expected = (str(int(last[0]) + 1), "") if not section else (last[0], str(int(last[1] or "0") + 1))
        assert (chapter, section) == expected
        counted.append(expected)


@pytest.mark.parametrize("page", EACH_PAGE)
def test_cited_sections_of_the_contract_are_there(page: Path) -> None:
    headings = re.findall(r"^###? (\d+(?:\.\d+)?)", text_of("reference/contract.md"), re.MULTILINE)
    cited = re.findall(r"contract,\s+sections?\s+(\d+(?:\.\d+)?)(?:\s+and\s+(\d+(?:\.\d+)?))?", prose(page))
    assert [number for pair in cited for number in pair if number and number not in headings] == []


def options_of_code() -> Iterator[tuple[str, str]]:
    for parameter in list(inspect.signature(Bridge).parameters):
        yield "Bridge", parameter
    for member in dataclasses.fields(Resource):
        yield "Resource", member.name


@pytest.mark.parametrize(("chapter", "option"), [pytest.param(*each, id=".".join(each)) for each in options_of_code()])
def test_each_option_stands_in_settings(chapter: str, option: str) -> None:
    assert option in described_options(chapter)


@pytest.mark.parametrize("chapter", ["Bridge", "Resource"])
def test_settings_has_no_other_option(chapter: str) -> None:
    assert [option for option in described_options(chapter) if (chapter, option) not in set(options_of_code())] == []


def described_options(chapter: str) -> list[str]:
    """The first table of a chapter of the settings."""
    found = re.search(rf"^## {chapter}\n(.*?)(?=^## |\Z)", text_of("reference/settings.md"), re.MULTILINE | re.DOTALL)
    assert found is not None
    table = re.search(r"(?:^\|.*\n)+", found[1], re.MULTILINE)
    assert table is not None
    return [cells[0] for cells in rows(table[0])[2:]]


def options_of_commands() -> Iterator[tuple[str, Any]]:
    # Typer has a copy of Click of its own, whose classes have no public name.
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        for parameter in command.params:
            if parameter.param_type_name == "option":
                yield name, parameter


@pytest.mark.parametrize(("command", "option"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in options_of_commands()])
def test_each_option_of_the_command_line_stands_in_settings(command: str, option: Any) -> None:
    """With its names, its environment variable and its default."""
    settings = text_of("reference/settings.md")
    assert f"`diptych {command}" in settings
    line = next(line for line in settings.splitlines() if line.startswith("|") and f"`{option.opts[0]}`" in line)
    assert [name for name in option.opts if f"`{name}`" not in line] == []
    if option.envvar is not None:
        assert f"`{option.envvar}`" in line
    if option.default is not None:
        assert f"`{option.default}`" in line


# What time it is, which tests alone say.
CLOCKS: Final = ("clock", "monotonic")
# What is called with options, and the page that says what each of them is for.
EXPLAINED: Final[list[tuple[Any, str]]] = [
    (Policy, "how-to/policies.md"),
    (Stamp, "how-to/policies.md"),
    (RateLimit, "reference/settings.md"),
    (TrustedDocuments, "reference/settings.md"),
    (ApiKeys, "how-to/authenticate.md"),
    (ApiKeyTable, "how-to/authenticate.md"),
    (BearerJwt, "how-to/authenticate.md"),
    (Client, "how-to/python-client.md"),
    (Client.resource, "how-to/python-client.md"),
    (Retries, "how-to/python-client.md"),
]


@pytest.mark.parametrize(("called", "page"), [pytest.param(*each, id=each[0].__qualname__) for each in EXPLAINED])
def test_each_option_is_explained(called: Callable[..., object], page: str) -> None:
    optional = [each.name for each in inspect.signature(called).parameters.values() if each.default is not each.empty]
    names = [name for name in optional if name not in CLOCKS]
    text = text_of(page)
    assert names
    assert [name for name in names if re.search(rf"`{name}`|\b{name}=", text) is None] == []


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name != "limits"])
def test_each_setting_stands_in_settings_with_its_variable(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in text_of("reference/settings.md")


@pytest.mark.parametrize("page", EACH_PAGE)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    reached, unread = {DOCS / "index.md"}, [DOCS / "index.md"]
    while unread:
        page = unread.pop()
        for link in LINK.findall(prose(page)):
            target = (page.parent / link.partition("#")[0]).resolve()
            if "://" not in link and target.suffix == ".md" and target not in reached:
                reached.add(target)
                unread.append(target)
    assert [named(page) for page in DOCS.rglob("*.md") if page not in reached] == []


# Names that are nobody's (RFC 2606), this machine, and what stands for a host where an address is explained.
HARMLESS: Final = re.compile(r"127\.0\.0\.1|localhost|(?:[\w-]+\.)*example(?:\.(?:com|org|net))?|host|diptych|…|")
ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+]*://(?:[^\s/@'\"`<>)]*@)?([^\s/:;'\"`<>)]*)")


@pytest.mark.parametrize("page", EACH_PAGE)
def test_no_address_but_in_links(page: Path) -> None:
    """An address of another machine stands only where a reader may follow it."""
    without_links = LINK.sub("]()", page.read_text(encoding="utf-8"))
    assert [host for host in ADDRESS.findall(without_links) if HARMLESS.fullmatch(host) is None] == []


@pytest.mark.parametrize("page", EACH_PAGE)
def test_links_are_safe_to_follow(page: Path) -> None:
    assert [link for link in LINK.findall(prose(page)) if "://" in link and not link.startswith("https://")] == []


def test_the_architecture_names_every_package() -> None:
    packages = {folder.name for folder in (ROOT / "src" / "diptych").iterdir() if (folder / "__init__.py").exists()}
    told = set(re.findall(r"^  (\w+)/ ", text_of("explanation/architecture.md"), re.MULTILINE))
    assert told == packages


def test_the_architecture_has_the_arrows() -> None:
    """The page's table of imports is the one that the test of the arrows goes by."""
    allowed = runpy.run_path(str(ROOT / "tests" / "test_architecture.py"))["ALLOWED"]
    drawn = {name: {each.removeprefix("diptych.") for each in packages} for name, packages in allowed.items() if packages is not None}
    table = text_of("explanation/architecture.md").split("| package | may import |")[1].split("\n\n")[0]
    told = {cells[0]: set(cells[1].split(", ")) - {"nothing"} for cells in rows(table)[1:]}
    assert told == drawn


@pytest.mark.parametrize("page", EACH_PAGE)
def test_make_targets_are_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [target for target in used if target not in targets] == []
