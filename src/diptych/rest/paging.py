"""Pages: how one is written, and where its neighbours are."""

from diptych.http.answer import Fields
from diptych.resource.shape import ResourceShape
from diptych.rest.place import Place
from diptych.semantics.command import List
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Page


def page_body(page: Page, shape: ResourceShape) -> dict[str, JSON]:
    """Write a page; the cursors are null where it has no rows."""
    return {
        "items": [shape.representation(row) for row in page.rows],
        "pageInfo": {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": page.cursors[0] if page.cursors else None,
            "endCursor": page.cursors[-1] if page.cursors else None,
        },
    }


def page_links(page: Page, asked: List, place: Place) -> Fields:
    """Name the pages on either side, with the size that was asked for. Source: RFC 8288 section 3."""
    links = []
    if (target := _next(page, asked, place)) is not None:
        links.append(f'<{target}>; rel="next"')
    if (target := _previous(page, asked, place)) is not None:
        links.append(f'<{target}>; rel="prev"')
    return ((b"link", ", ".join(links).encode()),) if links else ()


def _next(page: Page, asked: List, place: Place) -> str | None:
    if not page.has_next:
        return None
    if page.cursors:
        return place.page(asked.size, after=page.cursors[-1])
    # Nothing lies in the window, so what comes after its start is exactly what lies at or beyond its end.
    return place.page(asked.size, after=asked.after)


def _previous(page: Page, asked: List, place: Place) -> str | None:
    if not page.has_previous:
        return None
    if page.cursors:
        return place.page(asked.size, before=page.cursors[0])
    # As above; but after the very last row nothing can be named that has all the others before it.
    return None if asked.before is None else place.page(asked.size, before=asked.before)
