"""Several authenticators beside each other, and none at all."""

from typing import Any

import pytest

from diptych.identity import Anyone, ApiKeys, Authenticator, Credentials, FirstOf, FromDependency, Identity, new_api_key
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal
from tests.identity.issuer import bearing, believer, request, token

KEY = new_api_key()
ANN, ROBOT = Principal("ann", frozenset({"reader"})), Principal("robot")
GOOD = token()

BEARER = 'Bearer realm="api"'
WRONG = f'{BEARER}, error="invalid_token"'
BY_FIELD = 'ApiKey realm="api", header="X-API-Key"'


def both(*, swapped: bool = False, header: Any = "Authorization") -> FirstOf:
    members = [believer(), ApiKeys({KEY.hash: ROBOT}, header=header)]
    return FirstOf(*(members[::-1] if swapped else members))


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("credentials", "identity"),
    [
        pytest.param(bearing(GOOD), ANN, id="a-token"),
        pytest.param(bearing(KEY.key), ROBOT, id="a-key"),
        pytest.param(request(), ANONYMOUS, id="nothing"),
        pytest.param(bearing(GOOD + "A"), Unauthenticated(WRONG), id="a-wrong-token"),
        pytest.param(bearing(new_api_key().key), Unauthenticated(WRONG), id="a-wrong-key"),
        pytest.param(bearing("opaque"), Unauthenticated(WRONG), id="neither"),
        pytest.param(request(("Authorization", "Basic eA==")), Unauthenticated(WRONG), id="another-scheme"),
        pytest.param(request(("Authorization", "")), Unauthenticated(WRONG), id="empty"),
        pytest.param(request(*[("Authorization", f"Bearer {GOOD}")] * 2), Unauthenticated(WRONG), id="two-fields"),
    ],
)
async def test_tokens_and_keys_in_one_field(swapped: bool, credentials: Credentials, identity: Identity) -> None:
    """In either order, since neither takes the other's kind for its own."""
    assert await both(swapped=swapped).identify(credentials) == identity


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("credentials", "identity"),
    [
        pytest.param(request(("X-API-Key", KEY.key)), ROBOT, id="a-key"),
        pytest.param(bearing(GOOD), ANN, id="a-token"),
        pytest.param(bearing("opaque"), Unauthenticated(f"{WRONG}, {BY_FIELD}"), id="neither"),
        pytest.param(bearing(KEY.key), Unauthenticated(f"{WRONG}, {BY_FIELD}"), id="a-key-in-the-other-field"),
        pytest.param(
            request(("X-API-Key", "no")), Unauthenticated(f'{BY_FIELD}, error="invalid_token", {BEARER}'), id="a-wrong-key-by-field"
        ),
    ],
)
async def test_two_fields(swapped: bool, credentials: Credentials, identity: Identity) -> None:
    assert await both(swapped=swapped, header="X-API-Key").identify(credentials) == identity


async def test_the_first_decides() -> None:
    credentials = request(("Authorization", f"Bearer {GOOD}"), ("X-API-Key", "no"))
    assert await both(header="X-API-Key").identify(credentials) == ANN
    assert isinstance(await both(header="X-API-Key", swapped=True).identify(credentials), Unauthenticated)


async def test_a_dependency_takes_what_is_left() -> None:
    first = FirstOf(ApiKeys({KEY.hash: ROBOT}), FromDependency(lambda: ANN))
    assert await first.identify(bearing(KEY.key)) == ROBOT
    assert await first.identify(request()) == ANN


@pytest.mark.parametrize("identity", [Forbidden(), Unavailable(7)])
async def test_other_answers_go_through(identity: Identity) -> None:
    class Always(Authenticator):
        challenge = None

        async def identify(self, request: Credentials) -> Identity:
            return identity

    assert await FirstOf(Always(), Anyone()).identify(request()) == identity
    assert FirstOf(Always(), Anyone()).challenge is None


def test_challenges() -> None:
    assert both().challenge == BEARER
    assert both(header="X-API-Key").challenge == f"{BEARER}, {BY_FIELD}"
    assert FirstOf(both(), Anyone()).challenge == BEARER


@pytest.mark.parametrize("members", [[], [Anyone()]])
def test_one_is_not_several(members: list[Authenticator]) -> None:
    with pytest.raises(ValueError, match="two authenticators or more"):
        FirstOf(*members)


async def test_all_are_opened_and_closed() -> None:
    told: list[str] = []

    class Told(Anyone):
        async def open(self) -> None:
            told.append("open")

        async def close(self) -> None:
            told.append("close")

    first = FirstOf(Told(), Told())
    await first.open()
    await first.close()
    assert told == ["open", "open", "close", "close"]


async def test_anyone() -> None:
    anyone = Anyone()
    await anyone.open()
    for credentials in (request(), bearing(GOOD), bearing("x"), request(("X-API-Key", KEY.key), client=None)):
        assert await anyone.identify(credentials) == ANONYMOUS
    await anyone.close()
    assert anyone.challenge is None


def test_credentials_of_a_request() -> None:
    assert bearing("x").client == "192.0.2.1"
    assert request(client=None).client is None
    given = bearing("x")
    assert Credentials.of(given.scope, given.headers).headers is given.headers
