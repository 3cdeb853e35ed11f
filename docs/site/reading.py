"""What is done to a page before Sphinx reads it. The pages themselves are plain Markdown, good to read without a site."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from docs.site.navigation import read_groups, write_toctrees

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parents[1]
FENCED: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
LEAVING: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<path>(?:\.\./)+[^)#\s]+)(?:#[^)\s]*)?\)")


def read_page(app: "Sphinx", name: str, source: list[str]) -> None:
    """Sphinx's event `source-read`: `source` has one member, the page's text, which may be put right there."""
    page = Path(app.env.doc2path(name))
    source[0] = without_links_out(source[0], page.parent, Path(app.srcdir))
    if name == "index":
        source[0] += write_toctrees(read_groups(source[0]))


def without_links_out(text: str, folder: Path, docs: Path = DOCS) -> str:
    """Leave the words of links to pages and folders of the repository that are not part of the site.

    Any other file of the repository goes along with the site, to be downloaded. A link to what is not there stays as it is, so
    that the build complains.
    """

    def words(link: re.Match[str]) -> str:
        target = (folder / unquote(link["path"])).resolve()
        elsewhere = not target.is_relative_to(docs.resolve()) and (target.is_dir() or (target.suffix == ".md" and target.exists()))
        return link["text"] if elsewhere else link[0]

    parts = FENCED.split(text)
    return "".join(part if part.startswith("```") else LEAVING.sub(words, part) for part in parts)
