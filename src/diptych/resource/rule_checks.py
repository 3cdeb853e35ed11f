"""What is no rule and no stamp is refused when the declaration is read, and not noticed by the first request."""

from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction

from diptych.resource.declaration import DeclarationError, Resource
from diptych.resource.policy import ACTIONS, Policy
from diptych.resource.stamps import Stamp


def refuse_rules(resource: Resource, name: str) -> None:
    """Raise DeclarationError for a policy or stamps that are not of their types; `name` is the model's."""
    policy: object = resource.policy
    if not isinstance(policy, Policy):
        raise DeclarationError(f"{name}: policy is a {type(policy).__name__}; write policy=Policy(read=…, write=…)")
    mappings: dict[str, object] = {"policy.readable": policy.readable, "policy.writable": policy.writable, "stamps": resource.stamps}
    for option, given in mappings.items():
        if not isinstance(given, Mapping):
            raise DeclarationError(f"{name}: {option} is a {type(given).__name__}; write a dict by attribute name")
    for option, rule in _rules(policy):
        if isinstance(rule, bool):
            raise DeclarationError(f"{name}: {option}={rule} is no rule; write {'anyone' if rule else 'nobody'} in its place")
        if not callable(rule):
            raise DeclarationError(f"{name}: {option} is a {type(rule).__name__}; write a function that takes the principal")
        if iscoroutinefunction(rule):
            raise DeclarationError(f"{name}: {option} is a coroutine function; a rule answers at once, where need be with a condition")
    stamps: Mapping[str, object] = resource.stamps
    for attribute, stamp in stamps.items():
        if not isinstance(stamp, Stamp):
            instead = "write Stamp(…), CREATED_BY, CREATED_AT, CHANGED_BY or CHANGED_AT"
            raise DeclarationError(f"{name}: stamps[{attribute!r}] is a {type(stamp).__name__}; {instead}")
        if not callable(stamp.make):
            raise DeclarationError(f"{name}: stamps[{attribute!r}] makes nothing; write Stamp(function of the principal)")


def _rules(policy: Policy) -> Iterator[tuple[str, object]]:
    """The rules that there are, by what they are called."""
    for action in ("write", *ACTIONS):
        if (rule := getattr(policy, action)) is not None:
            yield f"policy.{action}", rule
    for option, rules in (("readable", policy.readable), ("writable", policy.writable)):
        for attribute, field_rule in rules.items():
            yield f"policy.{option}[{attribute!r}]", field_rule
