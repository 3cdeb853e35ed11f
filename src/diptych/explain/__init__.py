"""Says in the words of one door what was said in those of the other: an operation as requests, a request as an operation."""

from diptych.explain.answers import InGraphql, InRest, Step, Template
from diptych.explain.errors import NotUnderstood
from diptych.explain.explainer import Explainer
from diptych.explain.messages import Message

__all__ = ["Explainer", "InGraphql", "InRest", "Message", "NotUnderstood", "Step", "Template"]
