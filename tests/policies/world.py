"""A small office with something to hide: resources that use every part of a policy, and the callers who come to it.

Every value that is stored has a text of its own in it, so that wherever one turns up it can be told from which row and field it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from diptych import Bridge, Resource, Versioned
from diptych.identity.authenticator import Authenticator, Credentials, Identity
from diptych.resource.policy import Policy, Verdict, all_of, any_of, authenticated, roles
from diptych.resource.stamps import CHANGED_AT, CHANGED_BY, CREATED_AT, CREATED_BY
from diptych.semantics.outcome import Unauthenticated
from diptych.semantics.principal import ANONYMOUS, Principal

CHALLENGE: Final = 'Name realm="office"'


class Satchel(Versioned, table=True):
    """Keyed by its client, so that it can be made by a replace."""

    __tablename__ = "policy_satchel"

    id: str = Field(primary_key=True, max_length=40)
    owner: str
    team: str = Field(index=True)
    label: str = Field(unique=True)
    remark: str | None = None

    errands: list["Errand"] = Relationship(back_populates="satchel", sa_relationship_kwargs={"foreign_keys": "Errand.satchel_id"})
    locked: list["Errand"] = Relationship(back_populates="vault", sa_relationship_kwargs={"foreign_keys": "Errand.vault_id"})


class Errand(Versioned, table=True):
    """Keyed by the server, with a field for each way in which one can be kept from somebody."""

    __tablename__ = "policy_errand"

    id: int | None = Field(default=None, primary_key=True)
    owner: str
    team: str = Field(index=True)
    title: str = Field(max_length=100)
    code: str = Field(unique=True)
    meta: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    pay: str | None = None
    grade: str = "none"
    rank: str = "low"
    pin: str | None = None
    state: str = "new"
    satchel_id: str | None = Field(default=None, foreign_key="policy_satchel.id")
    vault_id: str | None = Field(default=None, foreign_key="policy_satchel.id")
    created_by: str | None = None
    created_at: datetime
    changed_by: str | None = None
    changed_at: datetime

    satchel: Satchel | None = Relationship(back_populates="errands", sa_relationship_kwargs={"foreign_keys": "Errand.satchel_id"})
    vault: Satchel | None = Relationship(back_populates="locked", sa_relationship_kwargs={"foreign_keys": "Errand.vault_id"})


class Leaflet(Versioned, table=True):
    """Nobody has said who may do what with it."""

    __tablename__ = "policy_leaflet"

    id: int | None = Field(default=None, primary_key=True)
    text: str


class RuleError(Exception):
    """A rule fails; its words must not come out."""


RULE_ERROR: Final = "mark-of-a-failing-rule"

_admin = roles("admin")


def _peculiar(principal: Principal) -> Any:
    """What the rules answer to callers who are there to try them: one makes them fail, another makes them answer nonsense."""
    if "breaks" in principal.roles:
        raise RuleError(RULE_ERROR)
    return "yes" if "confuses" in principal.roles else None


def _sees(model: Any) -> Any:
    def rule(principal: Principal) -> Any:
        if (answer := _peculiar(principal)) is not None:
            return answer
        if _admin(principal) or principal.is_anonymous or "drops" in principal.roles:
            return _admin(principal)
        return model.team == principal.claims["team"]

    return rule


def _writes(model: Any) -> Any:
    def own(principal: Principal) -> Any:
        if (answer := _peculiar(principal)) is not None:
            return answer
        return model.owner == principal.subject

    def may_write(principal: Principal) -> Verdict:
        return principal.roles.isdisjoint({"reads", "drops"})

    return any_of(_admin, all_of(authenticated, may_write, own))


def _creates(model: Any) -> Any:
    return any_of(roles("drops"), _writes(model))


def policy_of(model: Any, **fields: Any) -> Policy:
    return Policy(read=_sees(model), write=_writes(model), create=_creates(model), **fields)


STAMPS: Final = {"created_by": CREATED_BY, "created_at": CREATED_AT, "changed_by": CHANGED_BY, "changed_at": CHANGED_AT}
FILTERED: Final = {"owner", "title", "pay", "grade", "rank", "state", "meta", "created_by", "created_at", "changed_by", "changed_at"}

ERRANDS: Final = Resource(
    Errand,
    versions="optional",
    hidden={"pin"},
    read_only={"state"},
    stamps=STAMPS,
    filter_by=FILTERED,
    order_by=FILTERED - {"meta"},
    policy=policy_of(
        Errand,
        readable={
            "pay": roles("admin", "pays"),
            "grade": _admin,
            "vault_id": _admin,
            "changed_by": _admin,
        },
        writable={"pay": roles("admin", "pays"), "rank": _admin, "vault_id": _admin},
    ),
)
SATCHELS: Final = Resource(
    Satchel,
    keys="client",
    versions="optional",
    filter_by={"owner", "remark"},
    order_by={"owner", "remark"},
    policy=policy_of(Satchel, readable={"remark": _admin}),
)
LEAFLETS: Final = Resource(Leaflet, versions="optional")


@dataclass(frozen=True)
class Caller:
    """One who comes to the office. `sees` are the stored rows that are there for it, `knows` the masked fields that it may read."""

    principal: Principal
    sees: frozenset[str] = frozenset()
    knows: frozenset[str] = frozenset()


def _caller(name: str, *roles: str, team: str = "red", sees: str = "", knows: str = "") -> Caller:
    claims = MappingProxyType({"team": team})
    return Caller(Principal(name, frozenset(roles), claims), frozenset(sees.split()), frozenset(knows.split()))


ALL_MASKED: Final = "pay grade vaultId changedBy remark"
CALLERS: Final[Mapping[str, Caller]] = {
    "nobody": Caller(ANONYMOUS),
    "ann": _caller("ann", sees="ann bob"),
    "bob": _caller("bob", "pays", sees="ann bob", knows="pay"),
    "cid": _caller("cid", team="blue", sees="cid"),
    "rae": _caller("rae", "reads", sees="ann bob"),
    "dot": _caller("dot", "drops"),
    "ada": _caller("ada", "admin", sees="ann bob cid", knows=ALL_MASKED),
    "max": _caller("max", "breaks"),
    "nan": _caller("nan", "confuses"),
}
HEADER: Final = "x-caller"


class ByName(Authenticator):
    """Believes whoever says a name that is known."""

    challenge = CHALLENGE

    async def identify(self, request: Credentials) -> Identity:
        said = request.headers.combined(HEADER.encode())
        if said is None:
            return ANONYMOUS
        caller = CALLERS.get(said)
        return Unauthenticated(CHALLENGE) if caller is None else caller.principal


def headers_of(caller: str) -> dict[str, str]:
    return {} if caller == "nobody" else {HEADER: caller}


def office(database: str, **settings: Any) -> Bridge:
    resources = [ERRANDS, SATCHELS, LEAFLETS]
    return Bridge(database, resources, authenticator=ByName(), anonymous=True, rates=False, **settings)
