"""Who may do what with the rows of a resource: rules that its declaration carries, asked anew for every request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, and_, or_

from diptych.semantics.principal import Principal

Action: TypeAlias = Literal["create", "read", "replace", "patch", "delete"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

# True: on every row. False: on none. A condition on the columns of the model: on the rows for which it holds.
Verdict: TypeAlias = bool | ColumnElement[bool]
# Asked with the principal. One that raises refuses.
Rule: TypeAlias = Callable[[Principal], Verdict]
# For fields: who may see or set one, whichever the row.
FieldRule: TypeAlias = Callable[[Principal], bool]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do what with the rows of one resource; a rule for each action.

    `write` stands for `create`, `replace`, `patch` and `delete` where they have no rule of their own. Where an action has no rule,
    everybody may, unless the bridge denies by default. Rows that a caller may not read are not there for it, by any action; to
    replace, patch or delete a row a caller must be able to read the resource.
    `readable` and `writable` have rules for fields, by attribute name: a field that a caller may not read is left out on REST
    and null in GraphQL; one that it may not write is as a read-only field to it.
    """

    read: Rule | None = None
    write: Rule | None = None
    create: Rule | None = None
    replace: Rule | None = None
    patch: Rule | None = None
    delete: Rule | None = None
    readable: Mapping[str, FieldRule] = field(default_factory=dict)
    writable: Mapping[str, FieldRule] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return self == Policy()

    def rule(self, action: Action) -> Rule | None:
        """The rule for an action, None where there is none."""
        if action == "read":
            return self.read
        own: Rule | None = getattr(self, action)
        return self.write if own is None else own


def anyone(_principal: Principal) -> bool:
    """Everybody may, also who did not say who they are."""
    return True


def nobody(_principal: Principal) -> bool:
    """No one may."""
    return False


def authenticated(principal: Principal) -> bool:
    """Everybody may who said who they are."""
    return not principal.is_anonymous


def roles(*names: str) -> FieldRule:
    """Those may who have one of these roles. Raises TypeError for what is no text, such as a list of names."""
    given: tuple[object, ...] = names
    for name in given:
        if not isinstance(name, str):
            raise TypeError(f'roles({name!r}): a role is text; write roles("admin", "editor")')
    wanted = frozenset(names)

    def rule(principal: Principal) -> bool:
        return not wanted.isdisjoint(principal.roles)

    return rule


def any_of(*rules: Rule) -> Rule:
    """What one of the rules allows is allowed. They are asked in order, until one allows everything."""

    def rule(principal: Principal) -> Verdict:
        conditions: list[ColumnElement[bool]] = []
        for one in rules:
            verdict = one(principal)
            if verdict is True:
                return True
            if verdict is not False:
                conditions.append(verdict)
        return or_(*conditions) if conditions else False

    return rule


def all_of(*rules: Rule) -> Rule:
    """What every one of the rules allows is allowed. They are asked in order, until one refuses: `authenticated` guards those behind it."""

    def rule(principal: Principal) -> Verdict:
        conditions: list[ColumnElement[bool]] = []
        for one in rules:
            verdict = one(principal)
            if verdict is False:
                return False
            if verdict is not True:
                conditions.append(verdict)
        return and_(*conditions) if conditions else True

    return rule
