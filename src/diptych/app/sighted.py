"""A door whose reads may be answered by a replica; what the client says that it has seen is read before both doors."""

from collections.abc import Sequence

from diptych.http.answer import problem_answer, send_answer
from diptych.http.asgi import Application, Headers, Receive, Scope, Send, root_path
from diptych.http.seen import EXPECTED, FIELD, read_seen
from diptych.resource.shape import ResourceShape
from diptych.semantics.problems import problem
from diptych.semantics.sight import SIGHT, Claim, Sight


class Sighted:
    """Gives each request a sight of its own; a `Diptych-Seen` that cannot be read is refused, or it would be passed by in silence."""

    def __init__(self, door: Application, resources: Sequence[ResourceShape]) -> None:
        self._door = door
        self._shapes = {shape.names.path: shape for shape in resources}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        claims = self._claims(Headers(scope).combined(FIELD))
        if claims is None:
            refusal = problem("malformed", f"The field Diptych-Seen cannot be read, or names no row that can be. {EXPECTED}")
            await send_answer(send, problem_answer(refusal, root_path(scope)), head=scope["method"] == "HEAD")
            return
        token = SIGHT.set(Sight(claims))
        try:
            await self._door(scope, receive, send)
        finally:
            SIGHT.reset(token)

    def _claims(self, field: str | None) -> Sequence[Claim] | None:
        if field is None:
            return ()
        claims = []
        for collection, text, version in read_seen(field) or ():
            shape = self._shapes.get(collection)
            key = None if shape is None else shape.key_from_text(text)
            if shape is None or key is None:
                return None
            claims.append(Claim(shape, key, version))
        return claims or None
