"""Compiled operations: what graphql-core would do for an operation of ours, decided once per document."""

from diptych.graphql.plan.plan import Plan
from diptych.graphql.plan.planner import Planner

__all__ = ["Plan", "Planner"]
