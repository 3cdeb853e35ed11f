"""Relations between resources: fields of a row that answer other rows. Those of one level are read in one statement."""

from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any

from strawberry.dataloader import DataLoader

from diptych.graphql.arguments import Given
from diptych.graphql.context import Context
from diptych.graphql.errors import error_of, planned
from diptych.graphql.fields import FieldTypes
from diptych.graphql.make_field import Body, Info, make_field, page_arguments
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.payloads import Payloads
from diptych.graphql.selected import selected
from diptych.graphql.types import ResourceTypes
from diptych.resource.shape import Relation, ResourceShape
from diptych.semantics.command import FetchMany, List
from diptych.semantics.outcome import Denied, Invalid, Page, Unavailable
from diptych.semantics.problems import describe
from diptych.semantics.row import Key, Row
from diptych.service.acting import Acting


def add_relations(
    resource: ResourceShape, resources: Sequence[ResourceShape], types: Mapping[str, ResourceTypes], fields: FieldTypes
) -> None:
    """Give the type of a resource's rows its relations; `types` by type name.

    They come last, and once all types are there, since types refer to each other. All can be null: an error in one must not take
    away the row, which a mutation may have written; and between two statements a row that is referred to may go.
    """
    targets = {target.name: target for target in resources}
    for relation in resource.relations:
        target, made = targets[relation.target], types[relation.target]
        payloads = Payloads(target, made)
        if relation.many:
            said = f"A page of the {target.name} rows that refer to this {resource.name}; null only beside an error."
            body = _many(resource, relation, target, payloads, PageArguments(target, fields))
            field = make_field(relation.name, made.connection | None, page_arguments(made, target.limits), body, said)
        else:
            said = f"The {target.name} that `{relation.field}` refers to; null where there is none."
            field = make_field(relation.name, made.row | None, (), _one(resource, relation, target, payloads), said)
        field.python_name = relation.name
        types[resource.name].row.__strawberry_definition__.fields.append(field)


async def read_rows(service: Acting, target: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None) -> Mapping[Key, Row | None]:
    """Read rows by their keys. Raises GraphQLError."""
    rows = await service.fetch_many(target, FetchMany(tuple(keys), fields))
    if isinstance(rows, Invalid | Denied | Unavailable):
        raise error_of(describe(rows, target))
    return dict(zip(keys, rows, strict=True))


async def read_pages(service: Acting, target: ResourceShape, field: str, keys: Sequence[Key], command: List) -> Mapping[Key, Page]:
    """Read a page for each value of a foreign key. Raises GraphQLError."""
    pages = await service.related(target, field, tuple(keys), command)
    if isinstance(pages, Invalid | Denied | Unavailable):
        raise error_of(describe(pages, target))
    return pages


def _one(resource: ResourceShape, relation: Relation, target: ResourceShape, payloads: Payloads) -> Body:
    reference = resource.by_json_name[relation.field].attribute

    async def resolve(row: Any, info: Info, _given: Given) -> Any:
        key: Key | None = row.__dict__[reference]
        if key is None:
            return None
        context, fields = info.context, selected(info._raw_info, target).fields
        loader = _loader(context, (target.name, fields), lambda keys: read_rows(context.service, target, keys, fields))
        found = await loader.load(key)
        return None if found is None else payloads.row(found)

    return resolve


def _many(resource: ResourceShape, relation: Relation, target: ResourceShape, payloads: Payloads, arguments: PageArguments) -> Body:
    async def resolve(row: Any, info: Info, given: Given) -> Any:
        command = arguments.read(given, selected(info._raw_info, target))
        if isinstance(command, Invalid):
            raise error_of(describe(command, target))
        context, field = info.context, relation.field
        loader = _loader(context, (target.name, field, command), lambda keys: read_pages(context.service, target, field, keys, command))
        return payloads.page(await loader.load(row.__dict__[resource.key.attribute]))

    return resolve


def _loader(
    context: Context, known: Hashable, read: Callable[[Sequence[Key]], Coroutine[Any, Any, Mapping[Key, Any]]]
) -> DataLoader[Key, Any]:
    """What reads for all rows of a level that ask for the same. Nothing is kept, so that a mutation sees what the one before did."""

    async def load(keys: list[Key]) -> list[Any]:
        distinct = list(dict.fromkeys(keys))
        try:
            found = await read(distinct)
        except Exception as error:
            # Told once, however many rows are waiting.
            raise planned(error) from None
        return [found[key] for key in keys]

    if known not in context.loaders:
        context.loaders[known] = DataLoader(load_fn=load, cache=False)
    return context.loaders[known]
