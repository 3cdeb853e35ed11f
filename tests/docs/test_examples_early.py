"""Runs every example of the first half of the how-tos, as `test_examples` does those of the other pages."""

from pathlib import Path

import pytest

from tests.docs.telling import HOW_TO, tell, told_pages


@pytest.mark.parametrize("page", list(told_pages(HOW_TO[: len(HOW_TO) // 2])))
def test_page(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Everything that a page shows is so."""
    tell(page, tmp_path, request)
