"""The documentation as a site: what Sphinx is told. `make site` builds it, and any warning is an error."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs.site.captions import level_captions
from docs.site.drawings import draw_inline
from docs.site.reading import read_page
from docs.site.searching import SearchNames

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]

project = "diptych"
author = "the diptych authors"
project_copyright = author
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site/**"]
myst_heading_anchors = 4
# What an example leaves out is written as `…`, which no lexer knows.
suppress_warnings = ["misc.highlighting_failure"]
nitpicky = True

html_theme = "furo"
html_title = f"diptych {release}"
html_logo = html_favicon = "../images/diptych.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [("copy.js", {"defer": "defer"})]
html_copy_source = html_use_index = False
html_domain_indices = False
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_permalinks_icon = "#"
html_last_updated_fmt = None
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options: dict[str, Any] = {
    "sidebar_hide_name": False,
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad", "color-brand-visited": "#6a3fa0"},
    "dark_css_variables": {"color-brand-primary": "#7db8ff", "color-brand-content": "#7db8ff", "color-brand-visited": "#c8a6ff"},
}

# `make links` asks every page that ours link to; none of it happens in a build or a test.
linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_workers = 4
linkcheck_anchors_ignore_for_url = [r"https://github\.com/.*"]
linkcheck_ignore = [r"http://(127\.0\.0\.1|localhost)"]


def setup(app: "Sphinx") -> dict[str, bool]:
    app.add_search_language(SearchNames)
    app.connect("source-read", read_page)
    app.connect("doctree-resolved", draw_inline)
    app.connect("html-page-context", level_captions, priority=900)  # after the theme's, which makes the navigation
    return {"parallel_read_safe": True, "parallel_write_safe": True}
