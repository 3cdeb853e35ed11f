"""A FastAPI dependency as the authenticator: solved as for a route, translated for both doors, and kept away from the content."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from threading import current_thread, main_thread
from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Body, Cookie, Depends, FastAPI, Form, Header, HTTPException, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer, SecurityScopes

from diptych.http.doorkeeper import STAMPS
from diptych.identity import FromDependency
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal
from tests.identity.issuer import bearing, request

ANN = Principal("ann", frozenset({"reader"}))


@dataclass
class Account:
    subject: Any
    roles: Any = ()


async def test_a_function() -> None:
    async def who(authorization: Annotated[str | None, Header()] = None) -> Principal | None:
        return ANN if authorization == "Bearer good" else None

    assert await FromDependency(who).identify(bearing("good")) == ANN
    assert await FromDependency(who).identify(request()) == ANONYMOUS


async def test_a_function_that_waits_runs_beside_the_loop() -> None:
    def who() -> Principal:
        return Principal(current_thread().name)

    identity = await FromDependency(who).identify(request())
    assert isinstance(identity, Principal)
    assert identity.subject != main_thread().name


async def test_what_it_depends_on() -> None:
    """The usual thing: a security scheme, a session that is opened and closed, a cookie, a query parameter."""
    told: list[str] = []

    async def session() -> AsyncIterator[str]:
        told.append("opened")
        yield "session"
        told.append("closed")

    def settings() -> Iterator[str]:
        yield "settings"
        told.append("let go")

    async def who(
        token: Annotated[str, Depends(OAuth2PasswordBearer("token"))],
        session: Annotated[str, Depends(session)],
        settings: Annotated[str, Depends(settings)],
        sees: Request,
        tenant: Annotated[str, Cookie()] = "",
        page: Annotated[int, Query()] = 0,
    ) -> Principal:
        told.append("asked")
        return Principal(":".join([token, session, settings, sees.url.path, tenant, str(page)]))

    credentials = request(("Authorization", "Bearer good"), ("Cookie", "tenant=t"))
    credentials.scope["query_string"] = b"page=3"
    assert await FromDependency(who).identify(credentials) == Principal("good:session:settings:/api/users:t:3")
    assert told == ["opened", "asked", "let go", "closed"]


async def test_a_session_is_closed_when_it_is_refused() -> None:
    told: list[str] = []

    async def session() -> AsyncIterator[None]:
        try:
            yield
        finally:
            told.append("closed")

    async def who(session: Annotated[None, Depends(session)]) -> None:
        raise HTTPException(403)

    assert await FromDependency(who).identify(request()) == Forbidden()
    assert told == ["closed"]


async def test_a_class_and_an_object() -> None:
    class Reader:
        async def __call__(self, scopes: SecurityScopes) -> Principal:
            return ANN

    class Whoever:
        def __init__(self, authorization: Annotated[str, Header()]) -> None:
            self.subject, self.roles = authorization, ["reader"]

    assert await FromDependency(Reader()).identify(request()) == ANN
    assert await FromDependency(Whoever).identify(bearing("x")) == Principal("Bearer x", frozenset({"reader"}))


@pytest.mark.parametrize(
    ("returned", "principal"),
    [
        pytest.param(None, ANONYMOUS, id="none"),
        pytest.param(ANONYMOUS, ANONYMOUS, id="anonymous"),
        pytest.param(ANN, ANN, id="a-principal"),
        pytest.param(Account("ann", ["reader"]), ANN, id="something-with-a-subject"),
        pytest.param(Account("ann"), Principal("ann"), id="without-roles"),
    ],
)
async def test_what_it_returns(returned: Any, principal: Principal) -> None:
    assert await FromDependency(lambda: returned).identify(request()) == principal


@pytest.mark.parametrize(
    "returned", ["ann", 7, {"subject": "ann"}, True, Account(None), Account(""), Account(7), Account("ann", "reader"), Account("ann", None)]
)
async def test_what_it_may_not_return(returned: Any) -> None:
    """Nobody is let in by a mistake, and the message does not repeat what was returned."""
    with pytest.raises(TypeError, match="<lambda> returned") as error:
        await FromDependency(lambda: returned).identify(request())
    assert "'ann'" not in str(error.value)


@pytest.mark.parametrize(
    ("raised", "identity"),
    [
        pytest.param(HTTPException(401), Unauthenticated('Bearer realm="api"'), id="401"),
        pytest.param(HTTPException(401, headers={"www-authenticate": "Basic"}), Unauthenticated("Basic"), id="401-with-a-challenge"),
        pytest.param(HTTPException(400, "no"), Unauthenticated('Bearer realm="api"'), id="400"),
        pytest.param(HTTPException(307), Unauthenticated('Bearer realm="api"'), id="a-redirect"),
        pytest.param(HTTPException(403, "no"), Forbidden(), id="403"),
        pytest.param(HTTPException(404), Forbidden(), id="404"),
        pytest.param(HTTPException(503, headers={"Retry-After": "7"}), Unavailable(7), id="503-with-its-time"),
        pytest.param(HTTPException(503, headers={"Retry-After": "soon"}), Unavailable(1), id="503-with-another-time"),
        pytest.param(HTTPException(500), Unavailable(1), id="500"),
    ],
)
async def test_what_it_raises(raised: HTTPException, identity: Any, said: pytest.LogCaptureFixture) -> None:
    def who() -> None:
        raise raised

    assert await FromDependency(who).identify(request()) == identity
    assert said.records[0].getMessage().endswith(f"who raised HTTPException {raised.status_code}.")


async def test_what_nobody_planned_is_not_hidden() -> None:
    def who() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await FromDependency(who).identify(request())


async def test_a_scheme_refuses_by_itself() -> None:
    async def who(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Principal:
        return Principal(given.credentials)

    asks = FromDependency(who)
    assert await asks.identify(request()) == Unauthenticated("Bearer")
    assert await asks.identify(bearing("good")) == Principal("good")


async def test_a_parameter_that_is_missing(said: pytest.LogCaptureFixture) -> None:
    async def who(x_token: Annotated[str, Header()], x_age: Annotated[int, Header()] = 0) -> Principal:
        return ANN

    asks = FromDependency(who, realm="shop")
    assert await asks.identify(request()) == Unauthenticated('Bearer realm="shop"')
    assert await asks.identify(request(("X-Token", "t"), ("X-Age", "secret"))) == Unauthenticated('Bearer realm="shop"')
    assert "secret" not in said.text


async def test_the_content_is_for_the_door() -> None:
    async def who(asked: Request) -> None:
        await asked.body()

    with pytest.raises(RuntimeError, match="cannot read the content"):
        await FromDependency(who).identify(request())


def with_body(given: Annotated[dict[str, str], Body()]) -> None: ...


def with_tasks(tasks: BackgroundTasks) -> None: ...


def deeply(given: Annotated[None, Depends(with_body)]) -> None: ...


@pytest.mark.parametrize(
    ("dependency", "told"), [(with_body, "reads the content"), (deeply, "reads the content"), (with_tasks, "background tasks")]
)
def test_dependencies_that_are_refused(dependency: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        FromDependency(dependency)


async def test_fields_of_its_answer_go_with_every_answer() -> None:
    async def who(answer: Response) -> Principal:
        answer.set_cookie("session", "renewed")
        return ANN

    credentials = request()
    assert await FromDependency(who).identify(credentials) == ANN
    assert [(name, value.split(b";")[0]) for name, value in credentials.scope[STAMPS]] == [(b"set-cookie", b"session=renewed")]


async def test_overrides_of_the_application() -> None:
    """As tests of an application replace its dependencies."""

    def who() -> Principal:
        return ANN

    app = FastAPI()
    app.dependency_overrides[who] = lambda: Principal("tester")
    credentials = request()
    credentials.scope["app"] = app
    assert await FromDependency(who).identify(credentials) == Principal("tester")


async def test_the_scope_stays_as_it_is() -> None:
    credentials = request()
    before = dict(credentials.scope)
    await FromDependency(lambda: None).identify(credentials)
    assert dict(credentials.scope) == before


def test_a_form_is_content() -> None:
    def who(name: Annotated[str, Form()]) -> None: ...

    # FastAPI itself asks for another package before it takes a form.
    with pytest.raises((ValueError, RuntimeError)):
        FromDependency(who)
