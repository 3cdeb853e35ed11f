"""Drawings stand in the page itself, so that they follow the page's choice of light and dark and their words can be searched.

Each is a file of its own under docs, which follows the system's choice wherever it is shown by itself.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STYLE: Final = re.compile(r"<style>(?P<rules>.*?)</style>", re.DOTALL)
WIDTH: Final = re.compile(r'<svg [^>]*\bwidth="(\d+)"')
# Pixels below which words of 14 are still read when the drawing is as wide as the screen of a phone.
PHONE: Final = 480
DARK: Final = re.compile(r"@media \(prefers-color-scheme: dark\) \{(?P<rules>(?:[^{}]|\{[^{}]*\})*)\}")


def draw_inline(app: "Sphinx", doctree: nodes.document, page: str) -> None:
    """Sphinx's event `doctree-resolved`: put SVG files in the place of the images that name them."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg"):
            file = Path(app.srcdir) / image["uri"]
            drawing = file.read_text(encoding="utf-8")
            # One that does not fit on a phone can be scrolled, by keys too (WCAG 2.2, 2.1.1).
            frame = '<div class="drawing wide" tabindex="0">' if width_of(drawing) > PHONE else '<div class="drawing">'
            image.replace_self(nodes.raw("", f"{frame}{with_page(drawing, file.stem)}</div>", format="html"))


def width_of(drawing: str) -> int:
    found = WIDTH.search(drawing)
    return int(found[1]) if found is not None else 0


def with_page(drawing: str, name: str) -> str:
    """A drawing whose rules reach nothing else of the page, and whose dark ones hold when the page is dark.

    Source: CSS Nesting Module Level 1.
    """
    within = f"#drawing-{name}"

    def scoped(style: re.Match[str]) -> str:
        dark = "".join(found["rules"] for found in DARK.finditer(style["rules"]))
        light = DARK.sub("", style["rules"])
        chosen = f'body[data-theme="dark"] {within} {{{dark}}}'
        system = f'@media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) {within} {{{dark}}} }}'
        return f"<style>{within} {{{light}}}\n{chosen}\n{system}</style>"

    return STYLE.sub(scoped, drawing, count=1).replace("<svg ", f'<svg id="drawing-{name}" ', 1).strip()
