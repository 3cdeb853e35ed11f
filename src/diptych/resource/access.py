"""What one principal may do with one resource: the rules of its policy, asked."""

import logging
from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement
from sqlalchemy.orm import QueryableAttribute

from diptych.resource.policy import Action, FieldRule, Policy, Rule, Verdict, anyone, nobody
from diptych.resource.scope import Scope
from diptych.semantics.principal import Principal

log = logging.getLogger("diptych.policy")


class Access:
    """Asks rules for one principal, each once. A rule that fails, or answers something that is no verdict, refuses."""

    def __init__(self, name: str, policy: Policy, principal: Principal, *, deny: bool) -> None:
        self._name = name
        self._policy = policy
        self._principal = principal
        self._otherwise: Rule = nobody if deny else anyone
        self._verdicts: dict[Action, Verdict] = {}

    def verdict(self, action: Action) -> Verdict:
        """Where the principal may do this: everywhere, nowhere, or on the rows for which a condition holds."""
        if action not in self._verdicts:
            rule = self._policy.rule(action) or self._otherwise
            self._verdicts[action] = self._asked(rule, action)
        return self._verdicts[action]

    def may(self, action: Action) -> bool:
        """Whether there are rows at all on which the principal may do this. What cannot be read cannot be changed either."""
        return self.verdict(action) is not False and (action in ("read", "create") or self.verdict("read") is not False)

    def scope(self, action: Action) -> Scope | None:
        """The rows on which the principal may do this, where it may; None stands for all."""
        if action == "read":
            scope = Scope(seen=_condition(self.verdict("read")))
        elif action == "create" and self.verdict("read") is False:
            # What is made unseen need not be seen afterwards.
            scope = Scope(touched=_condition(self.verdict(action)))
        else:
            scope = Scope(_condition(self.verdict("read")), _condition(self.verdict(action)))
        return None if scope.seen is None and scope.touched is None else scope

    def unseen(self) -> frozenset[str]:
        """The fields that the principal may not read, by attribute name."""
        return self._without(self._policy.readable)

    def unset(self) -> frozenset[str]:
        """The fields that it may not write, by attribute name."""
        return self._without(self._policy.writable)

    def _without(self, rules: Mapping[str, FieldRule]) -> frozenset[str]:
        return frozenset(attribute for attribute, rule in rules.items() if self._asked(rule, attribute) is not True)

    def _asked(self, rule: Callable[[Principal], Verdict], what: str) -> Verdict:
        try:
            verdict: object = rule(self._principal)
        except Exception as error:  # whatever went wrong in a rule, it has not allowed anything
            log.error("the rule of %s for %r failed, so it refuses", self._name, what, exc_info=error)
            return False
        if isinstance(verdict, bool | ColumnElement):
            return verdict
        if isinstance(verdict, QueryableAttribute):
            # A column of truths is a condition by itself.
            return verdict.__clause_element__()
        log.error("the rule of %s for %r answered a %s, so it refuses", self._name, what, type(verdict).__name__)
        return False


def _condition(verdict: Verdict) -> ColumnElement[bool] | None:
    return None if isinstance(verdict, bool) else verdict
