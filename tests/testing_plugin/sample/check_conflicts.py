"""The helper makes a real conflict, and says so where an update would have been lost."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI, Request, Response

from diptych import Bridge
from diptych.testing import Answer, AsPrincipal, Conflict, Door, GraphqlDoor, RestDoor
from diptych.testing.answers import Key
from diptych.testing.doors import Document, Model
from tests.testing_plugin.sample.library import Book, Writer

ADA = {"name": "Ada"}


async def test_a_lost_update_is_prevented(conflict: Conflict, door: Door) -> None:
    prevented = await conflict(Writer, ADA, change={"motto": "Onward"}, other={"motto": "Upward"})
    assert prevented.row["motto"] == ("Onward" if prevented.winner == "rest" else "Upward")
    assert prevented.row["version"] == 2
    for answer in (prevented.rest, prevented.graphql):
        assert (answer.code, answer.facts) == ("version_mismatch", {"currentVersion": 2, "current": prevented.row})
    assert (await door.fetch(Writer, prevented.key)).row == prevented.row


async def test_a_conflict_of_somebody(conflict: Conflict, rest: RestDoor, graphql: GraphqlDoor, as_principal: AsPrincipal) -> None:
    """The helper deletes as well, which is an editor's to do."""
    book = {"id": "b", "title": "B"}
    with pytest.raises(AssertionError, match="delete of an old version through rest is not refused as version_mismatch: unauthenticated"):
        await conflict(Book, book, change={"title": "C"}, other={"genre": "verse"})
    ed, di = as_principal(rest, "ed", roles={"editor"}), as_principal(graphql, "di", roles={"editor"})
    prevented = await conflict(Book, book | {"id": "c"}, change={"title": "C"}, other={"genre": "verse"}, rest=ed, graphql=di)
    assert prevented.rest.code == prevented.graphql.code == "version_mismatch"


async def test_nothing_to_lose(conflict: Conflict) -> None:
    with pytest.raises(AssertionError, match="changes nothing"):
        await conflict(Writer, ADA, change={"name": "Ada"}, other={"name": "Ada"})


async def test_a_row_that_cannot_be_made(conflict: Conflict) -> None:
    with pytest.raises(AssertionError, match="must be one that its writers can create and read: invalid"):
        await conflict(Writer, {"name": ""}, change={"motto": "a"}, other={"motto": "b"})


async def test_changes_that_are_not_taken(conflict: Conflict) -> None:
    with pytest.raises(AssertionError, match=r"Neither change was taken: invalid .*, and invalid"):
        await conflict(Writer, ADA, change={"name": ""}, other={"name": ""})


def without_if_match(bridge: Bridge) -> FastAPI:
    """The application behind a careless proxy."""
    app = bridge.app()

    @app.middleware("http")
    async def drop(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        request.scope["headers"] = [field for field in request.scope["headers"] if field[0] != b"if-match"]
        return await call_next(request)

    return app


class Forgetful(GraphqlDoor):
    """Names no version when it changes a row."""

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        return await super().patch(model, key, patch)


class LateDelete(RestDoor):
    """Names no version when it deletes a row."""

    async def delete(self, model: Model, key: Key, *, version: int | None = None) -> Answer:
        return await super().delete(model, key)


class Misled(RestDoor):
    """Tells of a refusal what is not so."""

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        answer = await super().patch(model, key, patch, version=version)
        return answer if answer.accepted else replace(answer, facts={"currentVersion": 1, "current": None})


class Writes(RestDoor):
    """Changes the row all the same when a delete is refused."""

    async def delete(self, model: Model, key: Key, *, version: int | None = None) -> Answer:
        answer = await super().delete(model, key, version=version)
        await super().patch(model, key, {"motto": "written"})
        return answer


class Wordy(GraphqlDoor):
    """Says the same in other words."""

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        answer = await super().patch(model, key, patch, version=version)
        return answer if answer.accepted else replace(answer, detail="No.")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(
            lambda bridge, _: {"rest": RestDoor(bridge, without_if_match(bridge))}, "An update was lost", id="a-proxy-drops-if-match"
        ),
        pytest.param(lambda bridge, app: {"graphql": Forgetful(bridge, app)}, "An update was lost", id="graphql-names-no-version"),
        pytest.param(
            lambda bridge, app: {"rest": LateDelete(bridge, app)},
            "a delete of an old version went through rest",
            id="a-delete-goes-through",
        ),
        pytest.param(lambda bridge, app: {"rest": Misled(bridge, app)}, r"through rest tells .*, and not", id="the-wrong-state-is-told"),
        pytest.param(lambda bridge, app: {"rest": Writes(bridge, app)}, "A refused change was made all the same", id="it-is-written"),
        pytest.param(lambda bridge, app: {"graphql": Wordy(bridge, app)}, "The doors do not refuse alike", id="other-words"),
    ],
)
async def test_an_update_that_is_lost_is_noticed(
    conflict: Conflict, bridge: Bridge, app: FastAPI, fault: Callable[[Bridge, FastAPI], dict[str, Door]], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        await conflict(Writer, ADA, change={"motto": "Onward"}, other={"motto": "Upward"}, **fault(bridge, app))
