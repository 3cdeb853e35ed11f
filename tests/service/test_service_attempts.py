"""A write that is raced is decided again, and not for ever."""

import httpx
import pytest

from diptych import Bridge
from diptych.demo.models import RESOURCES
from tests.doors.door import USER, Door, Graphql, Rest
from tests.proofs.raw import RawConnection

JANE = {"name": "Jane", "email": "jane@example.com"}

# Every statement passes over the row, as if somebody else had always just moved it on.
PASS_OVER = {
    True: ["CREATE TRIGGER pass_over BEFORE {event} ON users BEGIN SELECT RAISE(IGNORE); END"],
    False: [
        "CREATE FUNCTION pass_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER pass_over BEFORE {event} ON users FOR EACH ROW EXECUTE FUNCTION pass_over()",
    ],
}


@pytest.mark.parametrize("event", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("kind", [Rest, Graphql])
async def test_a_write_that_is_always_raced_is_given_up(database_url: str, kind: type[Rest] | type[Graphql], event: str) -> None:
    bridge, raw = Bridge(database_url, RESOURCES), await RawConnection(database_url).open()
    transport = httpx.ASGITransport(bridge.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        door: Door = kind(client)
        jane = await door.create(USER, JANE)
        await raw.run(*(statement.format(event=event) for statement in PASS_OVER[raw.is_sqlite]))
        if event == "UPDATE":
            answer = await door.merge_patch(USER, jane.key, {"bio": "b"})
        else:
            answer = await door.delete(USER, jane.key)
        assert answer.code == "unavailable"
        assert (await door.fetch(USER, jane.key)).row == jane.row
        await raw.run("DROP TRIGGER pass_over" + ("" if raw.is_sqlite else " ON users"))
        assert (await door.delete(USER, jane.key)).code == "deleted"
    await raw.close()
    await bridge.close()
