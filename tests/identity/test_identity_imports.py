"""Which file of the package may know which library."""

from pathlib import Path
from typing import Final

import pytest

from tests.test_architecture import ROOT, imported

FOLDER: Final = ROOT / "identity"
ONLY_IN: Final = {
    "joserfc": {"key_set.py"},
    "httpx": {"key_set_url.py"},
    "sqlalchemy": {"api_key_table.py"},
    "fastapi": {"dependency.py"},
    "starlette": {"dependency.py"},
}


def importers(library: str) -> set[str]:
    files: list[Path] = sorted(FOLDER.glob("*.py"))
    return {file.name for file in files if any(f"{name}.".startswith(f"{library}.") for name in imported(file.read_text()))}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_known_to_one_file(library: str) -> None:
    assert importers(library) == ONLY_IN[library]
