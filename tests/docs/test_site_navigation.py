"""What the site makes of the pages: its navigation, links out of it, words to search for, and drawings."""

from pathlib import Path

import pytest

from docs.site.drawings import width_of, with_page
from docs.site.navigation import Group, read_groups, write_toctrees
from docs.site.reading import without_links_out
from docs.site.searching import NAME, SearchNames
from tests.docs.blocks import ROOT

INDEX = """# Documentation

See [the README](../README.md).

**Learn**

- [Tutorial](tutorial.md): declare, serve,
  and [again](tutorial.md#serve)

**Do**

- [One](how-to/one.md), [and two](how-to/two.md)
- [Outside](../README.md)

Every example runs; see [one](how-to/three.md).
"""


def test_the_index_is_the_navigation() -> None:
    assert read_groups(INDEX) == [Group("Learn", ("tutorial",)), Group("Do", ("how-to/one", "how-to/two"))]


def test_a_page_has_one_place() -> None:
    with pytest.raises(ValueError, match=r"docs/index\.md lists tutorial under 'Do' and above it"):
        read_groups(INDEX.replace("how-to/one.md", "tutorial.md"))


def test_a_group_becomes_a_toctree() -> None:
    assert write_toctrees([Group("Do", ("a", "b"))]) == "\n```{toctree}\n:hidden:\n:caption: Do\n\na\nb\n```\n"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("the [README](../README.md) shows", "the README shows", id="a-page-of-the-repository"),
        pytest.param("[its rules](../tests/docs)", "its rules", id="a-folder-of-the-repository"),
        pytest.param("[schema](../schema.graphql)", "[schema](../schema.graphql)", id="a-file-that-goes-along"),
        pytest.param("[gone](../GONE.md)", "[gone](../GONE.md)", id="what-is-not-there-stays-to-be-noticed"),
        pytest.param("[REST](../docs/reference/rest.md)", "[REST](../docs/reference/rest.md)", id="a-page-of-the-site"),
        pytest.param("```text\n[README](../README.md)\n```", "```text\n[README](../README.md)\n```", id="an-example"),
    ],
)
def test_links_out_of_the_site(text: str, read: str) -> None:
    assert without_links_out(text, ROOT / "docs") == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("If-Match: *", ["If-Match", "If", "Match"], id="a-header-field"),
        pytest.param("diptych.client", ["diptych.client", "diptych", "client"], id="a-module"),
        pytest.param("body_bytes=1", ["body_bytes", "1", "body_bytes", "1"][:2], id="an-option"),
        pytest.param("--no-pages.", ["no-pages", "no", "pages"], id="an-option-of-the-command-line"),
        pytest.param("Größe, naïve", ["Größe", "naïve"], id="letters-of-all-languages"),
    ],
)
def test_words_of_a_page(text: str, words: list[str]) -> None:
    assert SearchNames({}).split(text) == words


def test_a_reader_types_the_same_words() -> None:
    """Pages and queries are split by one expression."""
    assert f"/{NAME}/gu" in SearchNames.js_splitter_code


def test_rules_of_a_drawing_reach_nothing_else() -> None:
    drawing = (
        '<svg width="440"><style>\ntext { fill: #111 }\n@media (prefers-color-scheme: dark) {\n  text { fill: #eee }\n}\n</style></svg>'
    )
    drawn = with_page(drawing, "x")
    assert drawn.startswith('<svg id="drawing-x" width="440">')
    assert "<style>#drawing-x {\ntext { fill: #111 }" in drawn
    assert 'body[data-theme="dark"] #drawing-x {\n  text { fill: #eee }' in drawn
    assert 'body:not([data-theme="light"]) #drawing-x {\n  text { fill: #eee }' in drawn
    assert width_of(drawing) == 440


@pytest.mark.parametrize("drawing", sorted((ROOT / "docs").rglob("*.svg")), ids=lambda path: path.name)
def test_every_drawing_is_told_in_words_and_knows_light_and_dark(drawing: Path) -> None:
    text = drawing.read_text(encoding="utf-8")
    assert "<title" in text
    assert 'role="img"' in text
    assert "@media (prefers-color-scheme: dark)" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
