"""Runs every example of the README and the documentation, in the order of the page, and compares the answers that are shown.

The how-tos are in `test_examples_early` and `test_examples_late`, so that several can be run at once.

CONTRIBUTING tells authors what each kind of block means.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.docs.blocks import ROOT, read_blocks
from tests.docs.story import Story
from tests.docs.telling import OTHERS, tell, told_pages


@pytest.fixture
def story(tmp_path: Path, programs: Path) -> Iterator[Story]:
    told = Story(tmp_path, programs)
    yield told
    told.stop()


@pytest.mark.parametrize("page", list(told_pages(OTHERS)))
def test_page(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Everything that a page shows is so."""
    tell(page, tmp_path, request)


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
def demo_port(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Iterator[int]:
    """The port of one demo for all of the wrong pages, which change nothing."""
    told = Story(tmp_path_factory.mktemp("wrong"), programs)
    yield told.ensure_server()
    told.stop()


@pytest.mark.parametrize(("text", "said"), [pytest.param(*case, id=name) for name, case in WRONG.items()])
def test_a_wrong_example_is_noticed(text: str, said: str, demo_port: int, story: Story) -> None:
    story.port = demo_port
    with pytest.raises(AssertionError, match=said):
        story.run(read_blocks(story.folder / "wrong.md", text))
