"""A small site with faults in it: the build names each of them, and fails."""

from pathlib import Path
from typing import Final

import pytest

from tests.docs.sites import Built, broken_links, build_site, read_site

INDEX: Final = """# Faulty

**Learn**

- [There](there.md)
- [Nowhere](nowhere.md)
"""
THERE: Final = """# There

[a page that is not there](missing.md), [a heading that is not there](#no-such-heading),
[one of another page](index.md#no-such-heading), [outside, and not there](../OUTSIDE.md)

![no such picture](none.svg)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the build says of a site in which everything is wrong that should not pass."""
    folder = tmp_path_factory.mktemp("faulty")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(INDEX, encoding="utf-8")
    (docs / "there.md").write_text(THERE, encoding="utf-8")
    (docs / "orphan.md").write_text("# Orphan\n\nNobody links here.\n", encoding="utf-8")
    done = build_site(docs, folder)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        pytest.param("orphan.md", "document isn't included in any toctree", id="a-page-that-the-index-does-not-list"),
        pytest.param("index.md", "nonexisting document 'nowhere'", id="a-page-of-the-navigation-that-is-not-there"),
        pytest.param("there.md", "'missing.md'", id="a-link-to-no-page"),
        pytest.param("there.md", "target not found: 'no-such-heading'", id="a-link-to-no-heading"),
        pytest.param("there.md", "not found in doc 'index': 'no-such-heading'", id="a-link-to-no-heading-of-another-page"),
        pytest.param("there.md", "'../OUTSIDE.md'", id="a-link-out-of-the-site-to-nothing"),
        pytest.param("there.md", "image file not readable: none.svg", id="a-picture-that-is-not-there"),
    ],
)
def test_each_fault_is_named(said: str, place: str, fault: str) -> None:
    assert any(place in line and fault in line and "WARNING" in line for line in said.splitlines()), said


def test_links_of_built_pages_are_followed(tmp_path: Path) -> None:
    """What the other check of links goes by: the pages as they were built."""
    (tmp_path / "a.html").write_text('<h1 id="top">A</h1><a href="b.html#low">1</a><a href="b.html#none">2</a><a href="c.html">3</a>')
    (tmp_path / "b.html").write_text(
        '<p id="low"></p><a href="a.html">4</a><a href="https://example.com/">5</a><script src="x.js"></script>'
    )
    pages = read_site(tmp_path)
    assert list(broken_links(pages)) == ["a.html: b.html#none", "a.html: c.html"]
    assert Built(tmp_path / "b.html").loaded == ["x.js"]
