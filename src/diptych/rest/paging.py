"""Pages: how one is written, and where its neighbours are."""

from collections.abc import Mapping, Sequence

from diptych.http.answer import Fields
from diptych.resource.shape import ResourceShape
from diptych.rest.parameters import Listing
from diptych.rest.place import Place
from diptych.rest.view import WHOLE_ROW, View, shown
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Page


def page_body(page: Page, shape: ResourceShape, view: View = WHOLE_ROW, beside: Sequence[Mapping[str, JSON]] = ()) -> dict[str, JSON]:
    """Write a page; the cursors are null where it has no rows, and the total is there where rows were counted."""
    counted: dict[str, JSON] = {} if page.total is None else {"totalCount": page.total}
    return {
        "items": shown(page.rows, shape, view, beside),
        "pageInfo": {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": page.cursor(page.rows[0]) if page.rows else None,
            "endCursor": page.cursor(page.rows[-1]) if page.rows else None,
            **counted,
        },
    }


def page_links(page: Page, asked: Listing, place: Place) -> Fields:
    """Name the pages on either side, of the same rows and the same size as was asked for. Source: RFC 8288 section 3."""
    links = []
    if (target := _next(page, asked, place)) is not None:
        links.append(f'<{target}>; rel="next"')
    if (target := _previous(page, asked, place)) is not None:
        links.append(f'<{target}>; rel="prev"')
    return ((b"link", ", ".join(links).encode()),) if links else ()


def _next(page: Page, asked: Listing, place: Place) -> str | None:
    if not page.has_next:
        return None
    # Where nothing lies in the window, what comes after its start is exactly what lies at or beyond its end.
    after = page.cursor(page.rows[-1]) if page.rows else asked.page.after
    return place.page(asked.page.size, after=after, kept=asked.kept)


def _previous(page: Page, asked: Listing, place: Place) -> str | None:
    if not page.has_previous:
        return None
    # As above; but after the very last row nothing can be named that has all the others before it.
    before = page.cursor(page.rows[0]) if page.rows else asked.page.before
    return None if before is None else place.page(asked.page.size, before=before, kept=asked.kept)
