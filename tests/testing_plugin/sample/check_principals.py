"""Doors that somebody uses, whom the bridge believes."""

import pytest

from diptych import Bridge
from diptych.identity import ApiKeys
from diptych.testing import AsPrincipal, Door
from tests.testing_plugin.sample.library import EDITOR, Book


async def test_a_role_decides(door: Door, as_principal: AsPrincipal) -> None:
    reader, editor = as_principal(door, "rae"), as_principal(door, "ed", roles={"editor"})
    await editor.create(Book, {"id": "b", "title": "B", "advance": 5})
    seen, told = await editor.fetch(Book, "b"), await reader.fetch(Book, "b")
    assert seen.row is not None
    assert told.row is not None
    assert (seen.row["advance"], told.row["advance"]) == (5, None)
    refused = await reader.delete(Book, "b", version=1)
    assert (refused.code, refused.status) == ("forbidden", 403)
    assert (await editor.delete(Book, "b", version=1)).code == "deleted"


async def test_nobody_is_asked_as_ever(door: Door, as_principal: AsPrincipal) -> None:
    """Beside principals of the test, the bridge believes its own."""
    await as_principal(door, "ed", roles={"editor"}).create(Book, {"id": "b", "title": "B"})
    assert (await door.delete(Book, "b", version=1)).code == "unauthenticated"
    door.client.headers["Authorization"] = "Bearer dk_wrong"
    assert (await door.fetch(Book, "b")).code == "unauthenticated"
    door.client.headers["Authorization"] = f"Bearer {EDITOR}"
    assert (await door.delete(Book, "b", version=1)).code == "deleted"


async def test_the_bridge_is_as_declared_otherwise(bridge: Bridge, declared: Bridge, door: Door) -> None:
    assert isinstance(bridge.authenticator, ApiKeys)
    assert bridge.authenticator is declared.authenticator
    assert (await door.create(Book, {"id": "b", "title": "B"})).code == "created"


async def test_one_role_is_no_collection(door: Door, as_principal: AsPrincipal) -> None:
    with pytest.raises(TypeError, match=r"such as \{'editor'\}"):
        as_principal(door, "ed", roles="editor")
