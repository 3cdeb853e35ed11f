"""Errors: problems that are no member of any result, and what nobody planned."""

from graphql import GraphQLError

from diptych.http.unforeseen import unforeseen
from diptych.semantics.problems import Problem


def error_of(problem: Problem) -> GraphQLError:
    return GraphQLError(problem.detail, extensions={"code": problem.code, **problem.facts})


def planned(error: Exception) -> GraphQLError:
    """What a root field of ours tells of an exception: what nobody planned goes to the log, and its words no further."""
    return error if isinstance(error, GraphQLError) else error_of(unforeseen(error, door="graphql"))
