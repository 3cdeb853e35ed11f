"""Runs every example of the README and the documentation, in the order of the page, and compares the answers that are shown.

CONTRIBUTING tells authors what each kind of block means.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.blocks import ROOT, read_blocks
from tests.docs.story import Story

PAGES: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path)
    yield told
    told.stop()


# The address that the page on PostgreSQL shows.
POSTGRES: Final = "postgresql://app:secret@db.example.com/shop"


def pages() -> Iterator[Any]:
    for page in PAGES:
        if any(block.skipped is None for block in read_blocks(page)):
            marks = [pytest.mark.postgres] if POSTGRES in page.read_text(encoding="utf-8") else []
            yield pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize("page", list(pages()))
def test_page(page: Path, story: Story, request: pytest.FixtureRequest) -> None:
    """Everything that a page shows is so."""
    if POSTGRES in page.read_text(encoding="utf-8"):
        story.stand_ins[POSTGRES] = request.getfixturevalue("postgres_url")
    story.run(read_blocks(page))


def test_readme_leaves_nothing_out() -> None:
    """Every command in the README is run."""
    assert [block.place for block in read_blocks(ROOT / "README.md") if block.skipped] == []


REQUEST: Final = "```http\nGET /api/users/1\n```\n\n"
UNTRUE_PROBLEM: Final = '{"type": "/problems/internal", "title": "Oops", "status": 500, "detail": "", "requestId": "", "code": "internal"}'

# A page on which something is not so, and what is said of it.
WRONG: Final = {
    "status": (REQUEST + "```http\nHTTP/1.1 201 Created\n```\n", "shown 201, but 200 came"),
    "field": (REQUEST + '```http\nHTTP/1.1 200 OK\nETag: "7"\n```\n', "etag is shown as"),
    "missing-field": (REQUEST + "```http\nHTTP/1.1 200 OK\nLocation: /api/users/1\n```\n", "location is shown as"),
    "body": (REQUEST + '```http\nHTTP/1.1 200 OK\n\n{"id": 1}\n```\n', "but this came"),
    "no-answer": (REQUEST, "its answer is not shown"),
    "graphql": ('```graphql\n{ user(id: "1") { version } }\n```\n\n```json\n{"data": {"user": {"version": 2}}}\n```\n', "but this came"),
    "type": ("```graphql\ntype UserWritten { version: Int }\n```\n", "the schema has"),
    "exit": ("```bash\nfalse\n```\n", "exit 1"),
    "output": ("```bash\necho 1\n```\n\n```text\n2\n```\n", "but this came"),
    "curl": ("```bash\ncurl -si http://127.0.0.1:8000/api/users/999\n```\n\n```http\nHTTP/1.1 200 OK\n```\n", "shown 200, but 404 came"),
    "script": ("```python\nraise SystemExit(1)\n```\n", "exit 1"),
    "problem": (f"```http\nHTTP/1.1 500 X\n\n{UNTRUE_PROBLEM}\n```\n", "Oops"),
    "language": ("```cobol\n```\n", "no rule for cobol"),
}


@pytest.fixture(scope="module")
def demo_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of one demo for all of the wrong pages, which change nothing."""
    told = Story(tmp_path_factory.mktemp("wrong"))
    yield told.ensure_server()
    told.stop()


@pytest.mark.parametrize(("text", "said"), [pytest.param(*case, id=name) for name, case in WRONG.items()])
def test_a_wrong_example_is_noticed(text: str, said: str, demo_port: int, story: Story) -> None:
    story.port = demo_port
    with pytest.raises(AssertionError, match=said):
        story.run(read_blocks(story.folder / "wrong.md", text))
