"""Who comes in: the same answer of the same authenticator at both doors, before anything else of a request is looked at."""

from typing import Any

import httpx
import pytest

from diptych import Bridge
from diptych.demo.models import RESOURCES
from diptych.identity import Authenticator, Credentials, Identity
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal

CHALLENGE = 'Test realm="demo"'
WHO: dict[str | None, Identity] = {
    None: ANONYMOUS,
    "ann": Principal("ann"),
    "liar": Unauthenticated(CHALLENGE + ', error="invalid_token"'),
    "outcast": Forbidden(),
    "unknown": Unavailable(7),
}


class ByName(Authenticator):
    """Believes a header field."""

    challenge = CHALLENGE

    async def identify(self, request: Credentials) -> Identity:
        return WHO[request.headers.combined(b"x-who")]


async def ask(bridge: Bridge, who: str | None, door: str, **request: Any) -> httpx.Response:
    headers = {"content-type": "text/plain"} if who is None else {"content-type": "text/plain", "x-who": who}
    transport = httpx.ASGITransport(bridge.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        return await client.post(door, content="neither JSON nor what it says", **request)


@pytest.mark.parametrize("door", ["/api/users", "/graphql"])
@pytest.mark.parametrize(
    ("who", "status", "code", "fields"),
    [
        pytest.param(None, 401, "unauthenticated", {"www-authenticate": CHALLENGE}, id="nobody-said"),
        pytest.param("liar", 401, "unauthenticated", {"www-authenticate": CHALLENGE + ', error="invalid_token"'}, id="not-believed"),
        pytest.param("outcast", 403, "forbidden", {}, id="known-and-not-let-in"),
        pytest.param("unknown", 503, "unavailable", {"retry-after": "7"}, id="cannot-be-found-out"),
        pytest.param("ann", 415, "unsupported_media_type", {}, id="let-in-and-refused-for-something-else"),
    ],
)
async def test_who_comes_in(sqlite_url: str, door: str, who: str | None, status: int, code: str, fields: dict[str, str]) -> None:
    """The request is wrong in every other way too, so the order of refusals is seen as well (RFC 9110 section 13.2.1)."""
    bridge = Bridge(sqlite_url, RESOURCES, authenticator=ByName())
    answer = await ask(bridge, who, door)
    told = answer.json()
    assert answer.status_code == status
    assert (told["code"] if "code" in told else told["errors"][0]["extensions"]["code"]) == code
    assert fields.items() <= dict(answer.headers).items()
    assert answer.headers["vary"] == "Authorization, Cookie, X-API-Key"
    await bridge.close()


@pytest.mark.parametrize("path", ["/api/nothing", "/api/users/1/more"])
async def test_where_nothing_is_served_nobody_is_asked(sqlite_url: str, path: str) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, authenticator=ByName())
    assert (await ask(bridge, None, path)).status_code == 404
    await bridge.close()


@pytest.mark.parametrize(("anonymous", "status"), [(True, 415), (False, 401)])
async def test_who_does_not_say_may_be_let_in(sqlite_url: str, anonymous: bool, status: int) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, authenticator=ByName(), anonymous=anonymous)
    assert (await ask(bridge, None, "/api/users")).status_code == status
    await bridge.close()


async def test_every_answer_to_one_who_came_in_varies(sqlite_url: str) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, authenticator=ByName())
    await bridge.open()
    transport = httpx.ASGITransport(bridge.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"x-who": "ann"}) as client:
        for answer in (await client.get("/api/users"), await client.get("/graphql", params={"query": "{ __typename }"})):
            assert answer.status_code == 200
            assert "Authorization" in answer.headers["vary"]
    await bridge.close()
