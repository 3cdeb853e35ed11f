"""Declarations that could not mean anything are refused when the bridge is built; and what rules answer is taken for what it is."""

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field

from diptych import Bridge, DeclarationError, Resource, Versioned
from diptych.resource.access import Access
from diptych.resource.policy import ACTIONS, Policy, all_of, any_of, anyone, authenticated, nobody, roles
from diptych.resource.stamps import CREATED_AT, Stamp
from diptych.semantics.principal import ANONYMOUS, Principal
from tests.policies.world import RULE_ERROR, RuleError


class Ticket(Versioned, table=True):
    __tablename__ = "policy_ticket"

    id: int | None = Field(default=None, primary_key=True)
    text: str
    public: bool = False
    owner: str | None = None


async def slow(principal: Principal) -> bool:
    return not principal.is_anonymous


# As whoever has no type checker writes them.
Untyped: Any = Policy
UntypedStamp: Any = Stamp

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown-readable": ({"policy": Policy(readable={"colour": anyone})}, "policy.readable names 'colour', which is no field"),
    "unknown-writable": ({"policy": Policy(writable={"colour": anyone})}, "policy.writable names 'colour', which is no field"),
    "key-readable": ({"policy": Policy(readable={"id": anyone})}, "policy.readable names 'id'; key and version are always read"),
    "key-writable": ({"policy": Policy(writable={"id": anyone})}, "policy.writable names 'id'; key and version are always read"),
    "version-readable": ({"policy": Policy(readable={"version": nobody})}, "policy.readable names 'version'; key and version"),
    "version-stamped": ({"stamps": {"version": CREATED_AT}}, "stamps names 'version'; key and version"),
    "unknown-stamped": ({"stamps": {"born": CREATED_AT}}, "stamps names 'born', which is no field; there are id, text, public, owner"),
    "no-policy": ({"policy": {"read": anyone}}, "policy is a dict; write policy=Policy"),
    "truth": ({"policy": Untyped(read=True)}, "policy.read=True is no rule; write anyone"),
    "untruth": ({"policy": Untyped(write=False)}, "policy.write=False is no rule; write nobody"),
    "text": ({"policy": Untyped(delete="admin")}, "policy.delete is a str; write a function"),
    "condition": ({"policy": Untyped(read=Ticket.public)}, "policy.read is a InstrumentedAttribute; write a function"),
    "coroutine": ({"policy": Untyped(create=slow)}, "policy.create is a coroutine function"),
    "field-truth": ({"policy": Untyped(readable={"text": True})}, "policy.readable['text']=True is no rule"),
    "field-roles": ({"policy": Untyped(writable={"text": {"admin"}})}, "policy.writable['text'] is a set"),
    "fields-set": ({"policy": Untyped(readable={"text"})}, "policy.readable is a set; write a dict"),
    "stamps-set": ({"stamps": {"owner"}}, "stamps is a set; write a dict"),
    "no-stamp": ({"stamps": {"owner": lambda principal: principal.subject}}, "stamps['owner'] is a function; write Stamp"),
    "no-maker": ({"stamps": {"owner": UntypedStamp("ann")}}, "stamps['owner'] makes nothing"),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG)
def test_what_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        Bridge("sqlite:///never-opened.db", [Resource(Ticket, **options)])
    assert str(refusal.value).startswith("Ticket: ")
    assert said in str(refusal.value)


@pytest.mark.parametrize("names", [(["admin", "editor"],), ({"admin"},), (("admin",),), (1,), (None,), ("admin", ["editor"])])
def test_a_role_is_text(names: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="a role is text"):
        roles(*names)


def test_a_role_is_the_whole_text() -> None:
    """A name is no set of letters, on either side."""
    assert roles("x")(Principal("a", frozenset({"x"})))
    assert not roles("admin")(Principal("a", frozenset({"a", "d", "m", "i", "n"})))
    assert not roles("a")(Principal("a", frozenset({"admin"})))
    assert not roles()(Principal("a", frozenset({"admin"})))


def fails(_principal: Principal) -> bool:
    raise RuleError(RULE_ERROR)


def nothing(_principal: Principal) -> Any:
    return None


def answers(value: Any) -> Any:
    return lambda _principal: value


def owned(principal: Principal) -> Any:
    return Ticket.owner == principal.subject


ANN = Principal("ann", frozenset({"editor"}))
RULES: dict[str, tuple[Any, Any]] = {
    "true": (anyone, True),
    "false": (nobody, False),
    "authenticated": (authenticated, True),
    "condition": (owned, "policy_ticket.owner = 'ann'"),
    "column": (answers(Ticket.public), "policy_ticket.public"),
    "fails": (fails, False),
    "none": (nothing, False),
    "one": (answers(1), False),
    "text": (answers("yes"), False),
    "list": (answers([Ticket.owner == "ann"]), False),
    "select": (answers(sa.select(Ticket)), False),
    "any": (any_of(nobody, owned), "policy_ticket.owner = 'ann'"),
    "any-true": (any_of(owned, anyone), True),
    "any-of-none": (any_of(), False),
    "any-fails": (any_of(fails, owned), False),
    "any-asks-no-more": (any_of(anyone, fails), True),
    "any-nonsense": (any_of(owned, answers("yes")), False),
    "any-two": (any_of(owned, answers(Ticket.public)), "policy_ticket.owner = 'ann' OR policy_ticket.public"),
    "all": (all_of(anyone, owned), "policy_ticket.owner = 'ann'"),
    "all-false": (all_of(owned, nobody), False),
    "all-of-none": (all_of(), True),
    "all-fails": (all_of(owned, fails), False),
    "all-asks-no-more": (all_of(nobody, fails), False),
    "all-nonsense": (all_of(anyone, answers("yes")), False),
    "all-none": (all_of(anyone, nothing), "NULL"),
    "all-two": (all_of(owned, answers(Ticket.public)), "policy_ticket.owner = 'ann' AND policy_ticket.public"),
}


@pytest.mark.parametrize(("rule", "expected"), RULES.values(), ids=RULES)
def test_what_a_rule_answers(rule: Any, expected: Any) -> None:
    verdict: Any = Access("Ticket", Policy(read=rule), ANN, deny=False).verdict("read")
    if isinstance(expected, bool):
        assert verdict is expected
    else:
        assert str(verdict.compile(compile_kwargs={"literal_binds": True})) == expected


@pytest.mark.parametrize("rule", [fails, nothing, answers(1), owned, answers(Ticket.public)])
def test_a_field_is_kept_from_whom_no_rule_lets_have_it(rule: Any) -> None:
    """Only the truth itself lets somebody have a field: which rows there are is not a question of fields."""
    access = Access("Ticket", Policy(readable={"text": rule}, writable={"text": rule}), ANN, deny=False)
    assert access.unseen() == access.unset() == frozenset({"text"})


def test_each_rule_is_asked_once() -> None:
    asked: list[Principal] = []

    def rule(principal: Principal) -> bool:
        asked.append(principal)
        return True

    access = Access("Ticket", Policy(read=rule), ANN, deny=False)
    assert [access.may("read"), access.may("read"), access.scope("read")] == [True, True, None]
    assert asked == [ANN]


def test_a_failing_rule_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "diptych.policy"):
        assert not Access("Ticket", Policy(read=fails), ANN, deny=False).may("read")
        assert not Access("Ticket", Policy(read=nothing), ANN, deny=False).may("read")
    first, second = caplog.records
    assert (first.getMessage(), first.exc_info is not None) == ("the rule of Ticket for 'read' failed, so it refuses", True)
    assert second.getMessage() == "the rule of Ticket for 'read' answered a NoneType, so it refuses"


@pytest.mark.parametrize("deny", [False, True])
def test_what_has_no_rule(deny: bool) -> None:
    access = Access("Ticket", Policy(read=anyone, delete=nobody), ANONYMOUS, deny=deny)
    may = {action: access.may(action) for action in ACTIONS}
    assert may == {"create": not deny, "read": True, "replace": not deny, "patch": not deny, "delete": False}


def test_what_cannot_be_read_cannot_be_changed() -> None:
    access = Access("Ticket", Policy(read=nobody), ANN, deny=False)
    may = {action: access.may(action) for action in ACTIONS}
    assert may == {"create": True, "read": False, "replace": False, "patch": False, "delete": False}
