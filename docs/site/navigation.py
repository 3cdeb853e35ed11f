"""The navigation of the site: what `docs/index.md` lists, under the words it lists it. There is no second list to keep."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

CAPTION: Final = re.compile(r"^\*\*(?P<words>.+)\*\*$")
LINK: Final = re.compile(r"\]\((?P<page>[\w./-]+)\.md(?:#[\w-]*)?\)")


@dataclass(frozen=True)
class Group:
    """One caption of the navigation, and its pages by their paths below docs, without `.md`."""

    caption: str
    pages: tuple[str, ...]


def read_groups(index: str) -> list[Group]:
    """The groups of the index: a line in bold, and the pages that the list under it links to, each once.

    A page outside docs is none of the site's. Raises ValueError for a page that two groups list.
    """
    groups: list[Group] = []
    seen: set[str] = set()
    for caption, links in _captions(index.splitlines()):
        pages = tuple(dict.fromkeys(link for link in links if not link.startswith("..")))
        if twice := seen.intersection(pages):
            raise ValueError(f"docs/index.md lists {', '.join(sorted(twice))} under {caption!r} and above it; a page has one place.")
        seen.update(pages)
        groups.append(Group(caption, pages))
    return groups


def _captions(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    caption, links = None, list[str]()
    for line in lines:
        if (bold := CAPTION.match(line)) is not None:
            if caption is not None:
                yield caption, links
            caption, links = bold["words"], []
        elif caption is not None and line.startswith(("- ", "  ")):
            links += [found["page"] for found in LINK.finditer(line)]
    if caption is not None:
        yield caption, links


def write_toctrees(groups: Sequence[Group]) -> str:
    """The groups as what Sphinx makes its navigation of. It warns of a page that stands in none of them."""
    return "".join(
        "\n".join(["", "```{toctree}", ":hidden:", f":caption: {group.caption}", "", *group.pages, "```", ""]) for group in groups
    )
