"""Who asks: the principal behind a request, and what the service must know of the request besides its command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

# Where a command came in; "code" is a program that calls the service itself.
DoorName: TypeAlias = Literal["rest", "graphql", "code"]


@dataclass(frozen=True, slots=True)
class Principal:
    """One who asks, as an authenticator knows it.

    `subject` names it among all that the authenticator knows, None for somebody who did not say who they are. `roles` are what
    policies go by most; `claims` is whatever else is known, by name, such as the members of a token.
    """

    subject: str | None = None
    roles: frozenset[str] = frozenset()
    # Not in the repr: a token's members may be nobody else's business.
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)

    @property
    def is_anonymous(self) -> bool:
        return self.subject is None


ANONYMOUS: Final = Principal()


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a command is executed, and by which way it came.

    `challenge` is how to say who one is, for the answer to somebody who did not (RFC 9110 section 11.6.1), None where nobody is asked.
    """

    principal: Principal = ANONYMOUS
    door: DoorName = "code"
    request_id: str | None = None
    challenge: str | None = None
