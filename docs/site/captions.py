"""The captions of the navigation are headings, and a heading says of which level it is. Source: WAI-ARIA 1.2, aria-level."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

HEADING: Final = 'role="heading"'


def level_captions(app: "Sphinx", page: str, template: str, context: dict[str, Any], doctree: "nodes.document | None") -> None:
    """Sphinx's event `html-page-context`, once the theme has put its navigation there."""
    navigation: str = context["furo_navigation_tree"]
    context["furo_navigation_tree"] = navigation.replace(HEADING, f'{HEADING} aria-level="2"')
