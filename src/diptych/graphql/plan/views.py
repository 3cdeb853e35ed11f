"""What each object type of the schema shows of a row or an outcome: the values of its fields, by their GraphQL names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import Document
from diptych.semantics.outcome import Deleted, Page, Refusal, VersionMismatch, Written
from diptych.semantics.problems import PROBLEMS, Problem
from diptych.semantics.row import Row

View = Callable[[Any], Document]
# Given the names of the fields that are selected; a view may leave out the others.
MakeView = Callable[[frozenset[str]], View]


class Refused(NamedTuple):
    """A refusal that is a member of a result union. `type` is the path of the page about it."""

    refusal: Refusal
    problem: Problem
    type: str


def views_of(resources: Sequence[ResourceShape]) -> Mapping[str, MakeView]:
    """The views by type name. The facts of a problem have the names of its fields."""
    views: dict[str, MakeView] = {kind.graphql_type: _whole(_refused) for kind in PROBLEMS.values() if kind.graphql_type is not None}
    views |= {"Violation": _whole(_itself), "PageInfo": _whole(_page_info)}
    for resource in resources:
        name = resource.name
        views |= {
            name: _row(resource),
            f"{name}Written": _written(resource),
            f"{name}Deleted": _whole(_deleted(resource)),
            f"{name}VersionMismatch": _whole(_mismatch),
            f"{name}Edge": _edge,
            f"{name}Connection": _whole(_connection),
        }
    return views


def _whole(view: View) -> MakeView:
    return lambda _names: view


def _row(resource: ResourceShape) -> MakeView:
    key = resource.key.json_name

    def whole(row: Row) -> Document:
        return {**row.values, key: row.key, "version": row.version}

    def values(row: Row) -> Document:
        return row.values

    return lambda names: values if names.isdisjoint((key, "version")) else whole


def _written(resource: ResourceShape) -> MakeView:
    singular = resource.names.singular

    def state(written: Written) -> Document:
        return {"version": written.row.version, singular: written.row if written.shown else None}

    def whole(written: Written) -> Document:
        return {"outcome": written.effect.value, **state(written)}

    return lambda names: whole if "outcome" in names else state


def _deleted(resource: ResourceShape) -> View:
    key = resource.key.json_name

    def view(deleted: Deleted) -> Document:
        return {key: deleted.key, "version": deleted.version}

    return view


def _refused(refused: Refused) -> Document:
    problem = refused.problem
    return {
        **problem.facts,
        "type": refused.type,
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }


def _mismatch(refused: Refused) -> Document:
    assert isinstance(refused.refusal, VersionMismatch)
    return {**_refused(refused), "current": refused.refusal.row}


def _connection(page: Page) -> Document:
    return {"edges": [(row, page) for row in page.rows], "pageInfo": page, "totalCount": page.total}


def _edge(names: frozenset[str]) -> View:
    return _marked_edge if "cursor" in names else _bare_edge


def _bare_edge(edge: tuple[Row, Page]) -> Document:
    return {"node": edge[0]}


def _marked_edge(edge: tuple[Row, Page]) -> Document:
    row, page = edge
    return {"node": row, "cursor": page.cursor(row)}


def _page_info(page: Page) -> Document:
    rows = page.rows
    return {
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "startCursor": page.cursor(rows[0]) if rows else None,
        "endCursor": page.cursor(rows[-1]) if rows else None,
    }


def _itself(value: Document) -> Document:
    return value
