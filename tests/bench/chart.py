"""A bar chart as SVG, written by hand: no library, readable on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from .tables import count

_WIDTH: Final = 860
_MARGIN: Final = 12
_LEFT: Final = 190  # room for the names
_RIGHT: Final = 80  # room for the figure behind the longest bar
_BAR: Final = 16
_GAP: Final = 5
_BETWEEN: Final = 16

_STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.head { font-size: 15px; font-weight: 600 }
.case { font-weight: 600 }
.bar { fill: #afb8c1 }
.ours { fill: #0969da }
.figure { fill: #57606a; font-size: 12px }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .bar { fill: #484f58 }
  .ours { fill: #4493f8 }
  .figure { fill: #9198a1 }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    ours: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one case."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Groups that share one scale."""

    title: str
    groups: tuple[Group, ...]


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The picture; the text in it tells what the bars do, so that it can be read aloud."""
    body: list[str] = []
    y = 28.0
    for panel in panels:
        longest = max((bar.value for group in panel.groups for bar in group.bars), default=0.0) or 1.0
        body.append(_text(0, y, panel.title, "head"))
        y += 12
        for group in panel.groups:
            y += _BETWEEN
            body.append(_text(0, y, group.title, "case"))
            y += _GAP + 3
            for bar in group.bars:
                width = max(1.0, bar.value / longest * (_WIDTH - _LEFT - _RIGHT))
                middle = y + _BAR - 4
                body.append(_text(_LEFT - 8, middle, bar.label, "name", end=True))
                kind = "ours" if bar.ours else "bar"
                body.append(f'<rect class="{kind}" x="{_LEFT}" y="{y:.0f}" width="{width:.1f}" height="{_BAR}" rx="2"/>')
                body.append(_text(_LEFT + width + 6, middle, count(bar.value), "figure"))
                y += _BAR + _GAP
        y += 2 * _BETWEEN
    height = round(y)
    box = f"{-_MARGIN} 0 {_WIDTH + 2 * _MARGIN} {height}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{_WIDTH}" height="{height}" role="img"'
    return "\n".join(
        [f"{head} aria-label={quoteattr(title)}>", f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>", *body, "</svg>\n"]
    )


def _text(x: float, y: float, text: str, kind: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}"{anchor}>{escape(text)}</text>'
