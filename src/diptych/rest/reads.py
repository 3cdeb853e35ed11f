"""Answers to reads that ask for more than one whole row: pages, streams, and parts of rows."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Final

from diptych.http.answer import JSON_TYPE, Answer, Fields, json_bytes
from diptych.http.asgi import Headers
from diptych.resource.shape import ResourceShape
from diptych.rest.admission import NDJSON_MEDIA, Admitted
from diptych.rest.entity_tags import names_weakly, write_weak_tag
from diptych.rest.including import Beside, Including, Refused
from diptych.rest.paging import page_body, page_links
from diptych.rest.parameters import Listing, read_listing
from diptych.rest.place import Place
from diptych.rest.preferences import wants_count
from diptych.rest.refusal import no_tag_matches
from diptych.rest.requests import fetch_command
from diptych.rest.responses import REVALIDATE, VARY, respond
from diptych.rest.streaming import Stream, StreamCut
from diptych.rest.view import read_item_view, shown
from diptych.semantics.command import Fetch
from diptych.semantics.outcome import Found, Invalid, NotModified, Page
from diptych.semantics.precondition import Absent, IsAt, IsNotAt
from diptych.service.acting import Acting

# A count is in the content only where it was asked for.
LIST_VARY: Final = (b"vary", b"Accept, Prefer")
COUNTED: Final = (b"preference-applied", b"count=exact")
NDJSON_TYPE: Final = (b"content-type", NDJSON_MEDIA.encode())


class Reads:
    """Answers reads of collections, and reads of rows in other views than the whole one."""

    def __init__(self, resources: Sequence[ResourceShape]) -> None:
        self._resources = {shape.name: shape for shape in resources}

    async def collection(
        self, acting: Acting, resource: ResourceShape, place: Place, admitted: Admitted, headers: Headers, query: bytes
    ) -> Answer | Stream:
        """Answer a read of a collection; a refusal, also one of the first rows, comes before a stream has begun."""
        shape, including = acting.view(resource), Including(acting, self._resources)
        streamed = admitted.accepted == NDJSON_MEDIA
        listing = read_listing(query, shape, counted=not streamed and wants_count(headers), streamed=streamed)
        if isinstance(listing, Invalid):
            return respond(listing, shape, place)
        page = await acting.list(resource, listing.page)
        if not isinstance(page, Page):
            return respond(page, shape, place)
        beside = await including.beside(page.rows, shape, listing.view)
        if isinstance(beside, Refused):
            return respond(beside.refusal, beside.resource, place)
        if isinstance(admitted.conditions.match, IsAt):
            return no_tag_matches().answer(place.prefix)
        if streamed:
            if isinstance(admitted.conditions.none_match, Absent):
                return Answer(304, (REVALIDATE, LIST_VARY))
            return Stream((NDJSON_TYPE, REVALIDATE, LIST_VARY), self._lines(acting, resource, listing, page, beside))
        body = json_bytes(page_body(page, shape, listing.view, beside))
        tag = write_weak_tag(body)
        known: Fields = ((b"etag", tag), REVALIDATE, LIST_VARY)
        none_match = headers.combined(b"if-none-match")
        if none_match is not None and names_weakly(none_match, tag):
            return Answer(304, known)
        counted = (COUNTED,) if listing.page.counted else ()
        return Answer(200, (JSON_TYPE, *known, *counted, *page_links(page, listing, place)), body)

    async def item(self, acting: Acting, resource: ResourceShape, place: Place, admitted: Admitted, key: str, query: bytes) -> Answer:
        """Answer a read of one row with parameters. A view that is not whole has no strong tag, so none matches, in either condition."""
        shape = acting.view(resource)
        view = read_item_view(query, shape)
        if isinstance(view, Invalid):
            return respond(view, shape, place)
        command = fetch_command(key, admitted, shape)
        if not view.is_whole:
            preconditions = tuple(IsAt(frozenset()) if isinstance(one, IsAt) else one for one in command.preconditions)
            command = Fetch(command.key, preconditions, tuple(one for one in command.unless if not isinstance(one, IsNotAt)))
        found = await acting.fetch(resource, command)
        assert not isinstance(found, Page), "only a list is answered with a page"
        if view.is_whole or not isinstance(found, Found | NotModified):
            return respond(found, shape, place)
        if isinstance(found, NotModified):
            return Answer(304, (REVALIDATE, VARY))
        beside = await Including(acting, self._resources).beside([found.row], shape, view)
        if isinstance(beside, Refused):
            return respond(beside.refusal, beside.resource, place)
        return Answer(200, (JSON_TYPE, REVALIDATE, VARY), json_bytes(shown([found.row], shape, view, beside)[0]))

    async def _lines(
        self, acting: Acting, resource: ResourceShape, listing: Listing, page: Page, beside: Beside
    ) -> AsyncGenerator[bytes, None]:
        """Write page after page, each from a snapshot of its own; the next one is read when this one has been sent."""
        shape, including = acting.view(resource), Including(acting, self._resources)
        while page.rows:
            yield b"".join(json_bytes(one) + b"\n" for one in shown(page.rows, shape, listing.view, beside))
            if not page.has_next:
                return
            following = await acting.list(resource, replace(listing.page, after=page.cursor(page.rows[-1])))
            if not isinstance(following, Page):
                raise StreamCut(f"reading {shape.name} rows ended early: {following}")
            page = following
            more = await including.beside(page.rows, shape, listing.view)
            if isinstance(more, Refused):
                raise StreamCut(f"reading what is included with {shape.name} rows ended early: {more.refusal}")
            beside = more
