"""An application's own FastAPI dependency as the authenticator of both doors."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant, solve_dependencies
from starlette.exceptions import HTTPException

from diptych.http.asgi import Message
from diptych.http.doorkeeper import STAMPS
from diptych.identity.authenticator import Authenticator, Credentials, Identity
from diptych.identity.challenge import LOG, bearer_challenge
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal


class FromDependency(Authenticator):
    """Asks a FastAPI dependency, with all that it depends on, as a route would.

    It returns a Principal, anything with a `subject` (and `roles`), or None for somebody who did not say who they are. What it refuses
    is refused here: HTTPException 401 with its own challenge, 403, 503; another one as what is closest. It cannot read the content.
    Raises ValueError for a dependency that needs what is not there before a door: a body, or background tasks.
    """

    def __init__(self, dependency: Callable[..., Any], *, challenge: str | None = None, realm: str = "api") -> None:
        self.challenge: str = bearer_challenge(realm) if challenge is None else challenge
        self._name = getattr(dependency, "__qualname__", type(dependency).__qualname__)

        # FastAPI solves what a function depends on, so the dependency is what this one depends on.
        def whoever(asks: Annotated[Any, Depends(dependency)]) -> None: ...

        self._dependant = get_dependant(path="/", call=whoever)
        for each in _all(self._dependant):
            if each.body_params:
                raise ValueError(f"{self._name} reads the content of a request, which is for the doors. Use header fields or cookies.")
            if each.background_tasks_param_name is not None:
                raise ValueError(f"{self._name} wants background tasks, which there are none of before a door.")

    async def identify(self, request: Credentials) -> Identity:
        try:
            return await self._ask(request)
        except HTTPException as refusal:
            return self._translate(refusal, request.client)

    async def _ask(self, request: Credentials) -> Identity:
        # What a dependency has opened is closed when it is known who asks.
        async with AsyncExitStack() as outer, AsyncExitStack() as inner:
            scope = {**request.scope, "fastapi_inner_astack": outer, "fastapi_function_astack": inner}
            scope.setdefault("path_params", {})
            solved = await solve_dependencies(
                request=Request(scope, _no_content),
                dependant=self._dependant,
                dependency_overrides_provider=scope.get("app"),
                async_exit_stack=outer,
                embed_body_fields=False,
            )
            if solved.errors:
                # A parameter that it must have is not there, or is not what it must be.
                LOG.info("Refused a request from %s: %s lacks a parameter.", request.client or "an unknown address", self._name)
                return Unauthenticated(self.challenge)
            _stamp(request, solved.response)
            return self._read(solved.values["asks"])

    def _translate(self, refusal: HTTPException, client: str | None) -> Identity:
        """What a dependency refuses with, in the words that both doors have; its `detail` is not among them."""
        fields = {name.lower(): value for name, value in (refusal.headers or {}).items()}
        status = refusal.status_code
        LOG.info("Refused a request from %s: %s raised HTTPException %d.", client or "an unknown address", self._name, status)
        if status >= 500:
            after = fields.get("retry-after", "")
            return Unavailable(int(after) if after.isascii() and after.isdigit() else 1)
        # What cannot be read is not believed either, and a redirect to a log-in page is of no use to a program.
        if status < 402 or status == 422:
            return Unauthenticated(fields.get("www-authenticate", self.challenge))
        return Forbidden()

    def _read(self, who: Any) -> Identity:
        if who is None:
            return ANONYMOUS
        if isinstance(who, Principal):
            return who
        subject, roles = getattr(who, "subject", None), getattr(who, "roles", ())
        if not isinstance(subject, str) or not subject:
            raise TypeError(f"{self._name} returned {type(who).__name__}: return a Principal, something with a subject, or None.")
        if isinstance(roles, str) or not isinstance(roles, Iterable):
            raise TypeError(f"{self._name} returned {type(who).__name__} whose roles are no list of text.")
        return Principal(subject, frozenset(map(str, roles)))

    def __repr__(self) -> str:
        return f"FromDependency({self._name})"


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from _all(each)


def _stamp(request: Credentials, response: Response) -> None:
    """Hand on the fields that a dependency has set, a cookie say: every answer carries them."""
    if response.headers.raw:
        request.scope.setdefault(STAMPS, []).extend(response.headers.raw)


async def _no_content() -> Message:
    raise RuntimeError("A dependency that says who asks cannot read the content of the request: it is for the door.")
