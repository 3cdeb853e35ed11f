"""What runs the pages of the documentation, each in a folder of its own."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.blocks import ROOT, read_blocks
from tests.docs.story import Story

HOW_TO: Final = tuple(sorted((ROOT / "docs" / "how-to").rglob("*.md")))
OTHERS: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted({*(ROOT / "docs").rglob("*.md")} - {*HOW_TO}))

# The address that the page on PostgreSQL shows.
POSTGRES: Final = "postgresql://app:secret@db.example.com/shop"


def told_pages(pages: Collection[Path]) -> Iterator[Any]:
    """Those of the pages on which something is run."""
    for page in pages:
        if any(block.skipped is None for block in read_blocks(page)):
            marks = [pytest.mark.postgres] if POSTGRES in page.read_text(encoding="utf-8") else []
            yield pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks)


def tell(page: Path, folder: Path, request: pytest.FixtureRequest) -> None:
    """Run a page from its beginning to its end."""
    story = Story(folder, request.getfixturevalue("programs"))
    if POSTGRES in page.read_text(encoding="utf-8"):
        story.stand_ins[POSTGRES] = request.getfixturevalue("postgres_url")
    try:
        story.run(read_blocks(page))
    finally:
        story.stop()
