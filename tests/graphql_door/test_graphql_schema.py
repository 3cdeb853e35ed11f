"""What the printed schema promises. Contract, sections 3, 4 and 6."""

from enum import Enum
from typing import Any

import graphql
import pytest
import sqlalchemy as sa
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)
from sqlmodel import Field

from diptych.graphql import build_schema, print_sdl
from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape


@pytest.fixture(scope="session")
def core(schema: strawberry.Schema) -> GraphQLSchema:
    """The demo's schema, as its printed text says it."""
    return graphql.build_schema(print_sdl(schema))


@pytest.fixture(scope="session")
def gadget_core(gadget_schema: strawberry.Schema) -> GraphQLSchema:
    return graphql.build_schema(print_sdl(gadget_schema))


def undescribed(named: GraphQLNamedType) -> list[str]:
    """Every element of a type that has no description."""
    found = [] if named.description else [named.name]
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in named.fields.items():
            found += [] if field.description else [f"{named.name}.{name}"]
            found += [f"{named.name}.{name}({argument}:)" for argument, said in field.args.items() if not said.description]
    elif isinstance(named, GraphQLInputObjectType):
        found += [f"{named.name}.{name}" for name, said in named.fields.items() if not said.description]
    elif isinstance(named, GraphQLEnumType):
        found += [f"{named.name}.{name}" for name, value in named.values.items() if not value.description]
    return found


@pytest.mark.parametrize("which", ["core", "gadget_core"])
def test_everything_has_a_description(which: str, request: pytest.FixtureRequest) -> None:
    whole: GraphQLSchema = request.getfixturevalue(which)
    assert [gap for name, named in whole.type_map.items() if not name.startswith("__") for gap in undescribed(named)] == []


def test_a_missing_description_is_found() -> None:
    bare = graphql.build_schema('"q" type Query { a(b: Int): C } "c" enum C { D } "i" input I { e: Int }')
    assert [gap for name in ("Query", "C", "I") for gap in undescribed(bare.type_map[name])] == ["Query.a", "Query.a(b:)", "C.D", "I.e"]


@pytest.mark.parametrize("which", ["schema", "gadget_schema"])
def test_introspection_has_no_error(which: str, request: pytest.FixtureRequest) -> None:
    """A default that has no literal would break it."""
    whole: strawberry.Schema = request.getfixturevalue(which)
    result = graphql.graphql_sync(whole._schema, graphql.get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert result.errors is None


def test_printing_is_stable(shapes: tuple[ResourceShape, ...], schema: strawberry.Schema) -> None:
    assert print_sdl(build_schema(shapes)) == print_sdl(schema)


REFUSED = {"VersionExhausted", "Invalid", "UniqueConflict", "ReferenceConflict"}


@pytest.mark.parametrize("name", ["User", "Document", "StockItem"])
@pytest.mark.parametrize(
    ("verb", "first", "others"),
    [
        pytest.param("Create", "Written", {"AlreadyExists", *REFUSED}, id="create"),
        pytest.param("Replace", "Written", {"NotFound", *REFUSED}, id="replace"),
        pytest.param("Patch", "Written", {"NotFound", *REFUSED, "PatchConflict", "PatchInvalid"}, id="patch"),
        pytest.param("Delete", "Deleted", {"NotFound", "ReferenceConflict"}, id="delete"),
    ],
)
def test_results_are_unions_with_success_first(core: GraphQLSchema, name: str, verb: str, first: str, others: set[str]) -> None:
    union = core.type_map[f"{verb}{name}Result"]
    assert isinstance(union, GraphQLUnionType)
    members = [member.name for member in union.types]
    assert members[0] == name + first
    assert sorted(members[1:]) == sorted({*others, f"{name}VersionMismatch"})
    for member in union.types[1:]:
        assert [interface.name for interface in member.interfaces] == ["Problem"]


MEMBERS = {
    "Problem": "type: String! title: String! status: Int! code: String! detail: String!",
    "UserWritten": "outcome: WriteOutcome! version: Int! user: User!",
    "StockItemWritten": "outcome: WriteOutcome! version: Int! stockItem: StockItem!",
    "UserDeleted": "id: ID! version: Int!",
    "UserVersionMismatch": "currentVersion: Int! current: User",
    "NotFound": "key: ID!",
    "AlreadyExists": "key: ID! currentVersion: Int!",
    "VersionExhausted": "key: ID!",
    "Invalid": "violations: [Violation!]!",
    "Violation": "pointer: String! code: String! message: String!",
    "UniqueConflict": "fields: [String!]!",
    "ReferenceConflict": "resource: String! fields: [String!]!",
    "PatchConflict": "index: Int! pointer: String!",
    "PatchInvalid": "index: Int! pointer: String!",
    "User": "id: ID! name: String! email: String! role: String! bio: String version: Int! documents: DocumentConnection",
    "Document": "id: ID! title: String! content: String! tags: [String!]! metadata: JSON! ownerId: ID version: Int! owner: User",
    "StockItem": "id: ID! sku: String! name: String! quantity: Int! location: String version: Int!",
    "UserConnection": "edges: [UserEdge!]! pageInfo: PageInfo! totalCount: Int!",
    "UserWhere": "and: [UserWhere!] or: [UserWhere!] not: UserWhere id: IDFilter name: StringFilter email: StringFilter role: StringFilter "
    "bio: NullableStringFilter",
    "DocumentWhere": "and: [DocumentWhere!] or: [DocumentWhere!] not: DocumentWhere id: IDFilter title: StringFilter tags: JSONFilter "
    "metadata: JSONFilter ownerId: NullableIDFilter",
    "IDFilter": "eq: ID ne: ID in: [ID!] nin: [ID!]",
    "NullableIDFilter": "eq: ID ne: ID in: [ID!] nin: [ID!] isNull: Boolean",
    "StringFilter": "eq: String ne: String in: [String!] nin: [String!] lt: String lte: String gt: String gte: String contains: String "
    "startsWith: String endsWith: String containsInsensitive: String startsWithInsensitive: String endsWithInsensitive: String",
    "JSONFilter": "contains: JSON",
    "UserEdge": "node: User! cursor: String!",
    "PageInfo": "hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String",
    "CreateUserInput": 'name: String! email: String! role: String! = "user" bio: String = null',
    "ReplaceUserInput": 'name: String! email: String! role: String! = "user" bio: String = null',
    "PatchUserInput": "name: String email: String role: String bio: String",
    "CreateDocumentInput": 'id: ID! title: String! content: String! = "" tags: [String!]! = [] metadata: JSON! = {} ownerId: ID = null',
    "ReplaceDocumentInput": 'title: String! content: String! = "" tags: [String!]! = [] metadata: JSON! = {} ownerId: ID = null',
    "PatchDocumentInput": "title: String content: String tags: [String!] metadata: JSON ownerId: ID",
    "CreateStockItemInput": "sku: String! name: String! quantity: Int! location: String = null",
    "JsonPatchOperation": "op: String! path: String! from: String value: JSON",
}
GADGET_MEMBERS = {
    "Gadget": "id: ID! name: String! color: Color! shades: [Color!]! serial: BigInt! price: Decimal! ratio: Float! active: Boolean! "
    "token: UUID seen: DateTime day: Date clock: Time span: Duration blob: Base64 notes: JSON rank: Int! born: DateTime! "
    "parentId: ID version: Int! parent: Gadget children: GadgetConnection",
    "GadgetWhere": "and: [GadgetWhere!] or: [GadgetWhere!] not: GadgetWhere id: IDFilter name: StringFilter color: ColorFilter "
    "shades: JSONFilter serial: BigIntFilter price: DecimalFilter ratio: FloatFilter active: BooleanFilter token: NullableUUIDFilter "
    "seen: NullableDateTimeFilter day: NullableDateFilter clock: NullableTimeFilter span: NullableDurationFilter "
    "blob: NullableBase64Filter notes: NullableJSONFilter rank: IntFilter born: DateTimeFilter parentId: NullableIDFilter",
    "ColorFilter": "eq: Color ne: Color in: [Color!] nin: [Color!]",
    "BooleanFilter": "eq: Boolean ne: Boolean in: [Boolean!] nin: [Boolean!]",
    "IntFilter": "eq: Int ne: Int in: [Int!] nin: [Int!] lt: Int lte: Int gt: Int gte: Int",
    "DecimalFilter": "eq: Decimal ne: Decimal in: [Decimal!] nin: [Decimal!] lt: Decimal lte: Decimal gt: Decimal gte: Decimal",
    "NullableBase64Filter": "eq: Base64 ne: Base64 in: [Base64!] nin: [Base64!] isNull: Boolean",
    "NullableJSONFilter": "isNull: Boolean contains: JSON",
    "CreateGadgetInput": 'name: String! color: Color! = RED shades: [Color!]! = [] serial: BigInt! = 0 price: Decimal! = "1.50" '
    "ratio: Float! = 0.5 active: Boolean! = true token: UUID = null seen: DateTime = null day: Date = null clock: Time = null "
    'span: Duration = null blob: Base64 = null notes: JSON = null secret: String! = "none" born: DateTime parentId: ID = null',
    # What is hidden or made anew stays as it is when it is left out, so it has no default there.
    "ReplaceGadgetInput": 'name: String! color: Color! = RED shades: [Color!]! = [] serial: BigInt! = 0 price: Decimal! = "1.50" '
    "ratio: Float! = 0.5 active: Boolean! = true token: UUID = null seen: DateTime = null day: Date = null clock: Time = null "
    "span: Duration = null blob: Base64 = null notes: JSON = null secret: String born: DateTime parentId: ID = null",
    "PatchGadgetInput": "name: String color: Color shades: [Color!] serial: BigInt price: Decimal ratio: Float active: Boolean "
    "token: UUID seen: DateTime day: Date clock: Time span: Duration blob: Base64 notes: JSON secret: String born: DateTime parentId: ID",
}


def written(named: GraphQLNamedType) -> str:
    """The members of a type in one line; those of Problem are taken for granted where it is implemented."""
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
    inherited = set() if isinstance(named, GraphQLInputObjectType) else {name for one in named.interfaces for name in one.fields}
    return " ".join(f"{name}: {said(field)}" for name, field in named.fields.items() if name not in inherited)


def said(element: graphql.GraphQLField | graphql.GraphQLInputField | graphql.GraphQLArgument) -> str:
    """A type, and the default behind it."""
    default = getattr(element.ast_node, "default_value", None)
    return f"{element.type}" if default is None else f"{element.type} = {graphql.print_ast(default)}".replace("{  }", "{}")


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_members_of_the_demo(core: GraphQLSchema, name: str) -> None:
    assert written(core.type_map[name]) == MEMBERS[name]


@pytest.mark.parametrize("name", sorted(GADGET_MEMBERS))
def test_members_of_every_kind(gadget_core: GraphQLSchema, name: str) -> None:
    assert written(gadget_core.type_map[name]) == GADGET_MEMBERS[name]


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("createUser", "input: CreateUserInput!, version: Int = 0"),
        ("createStockItem", "input: CreateStockItemInput!, version: Int = 0"),
        ("replaceUser", "id: ID!, version: Int, input: ReplaceUserInput!"),
        ("replaceStockItem", "id: ID!, version: Int!, input: ReplaceStockItemInput!"),
        ("patchUser", "id: ID!, version: Int, patch: PatchUserInput!"),
        ("patchStockItem", "id: ID!, version: Int!, patch: PatchStockItemInput!"),
        ("jsonPatchUser", "id: ID!, version: Int, operations: [JsonPatchOperation!]!"),
        ("jsonPatchStockItem", "id: ID!, version: Int!, operations: [JsonPatchOperation!]!"),
        ("deleteUser", "id: ID!, version: Int"),
        ("deleteStockItem", "id: ID!, version: Int!"),
        ("user", "id: ID!"),
        ("users", "where: UserWhere, orderBy: [UserOrder!], first: Int, after: String, last: Int, before: String"),
        ("documentsByIds", "ids: [ID!]!"),
    ],
)
def test_arguments(core: GraphQLSchema, field: str, arguments: str) -> None:
    assert core.mutation_type is not None
    assert core.query_type is not None
    found = (core.mutation_type.fields | core.query_type.fields)[field]
    assert ", ".join(f"{name}: {said(argument)}" for name, argument in found.args.items()) == arguments


def test_results_of_mutations_are_nullable(core: GraphQLSchema) -> None:
    """One unforeseen error must not null the answers of the mutations that did commit."""
    assert core.mutation_type is not None
    assert [name for name, field in core.mutation_type.fields.items() if graphql.is_non_null_type(field.type)] == []


def test_lists_are_pages_and_single_rows_nullable(core: GraphQLSchema) -> None:
    assert core.query_type is not None
    assert {name: str(field.type) for name, field in core.query_type.fields.items()} == {
        "user": "User",
        "users": "UserConnection!",
        "document": "Document",
        "documents": "DocumentConnection!",
        "stockItem": "StockItem",
        "stockItems": "StockItemConnection!",
        "usersByIds": "[User]!",
        "documentsByIds": "[Document]!",
        "stockItemsByIds": "[StockItem]!",
    }


def test_relations_take_what_lists_take(core: GraphQLSchema) -> None:
    assert core.query_type is not None
    user, document = core.type_map["User"], core.type_map["Document"]
    assert isinstance(user, GraphQLObjectType)
    assert isinstance(document, GraphQLObjectType)
    of_relation, of_list = user.fields["documents"].args, core.query_type.fields["documents"].args
    assert {name: said(argument) for name, argument in of_relation.items()} == {name: said(argument) for name, argument in of_list.items()}
    assert document.fields["owner"].args == {}


def test_orders(core: GraphQLSchema) -> None:
    """The key, what an index begins with, and what the declaration names."""
    order = core.type_map["DocumentOrder"]
    assert isinstance(order, GraphQLEnumType)
    assert list(order.values) == ["ID_ASC", "ID_DESC", "TITLE_ASC", "TITLE_DESC", "OWNER_ID_ASC", "OWNER_ID_DESC"]


def test_scalars_with_a_standard_name_it(gadget_core: GraphQLSchema) -> None:
    """Source: GraphQL, September 2025, section 3.5.5, @specifiedBy."""
    scalars = [named for named in gadget_core.type_map.values() if isinstance(named, graphql.GraphQLScalarType)]
    assert {scalar.name for scalar in scalars if scalar.specified_by_url} >= {"DateTime", "Date", "Time", "UUID", "Base64", "JSON"}


@strawberry.enum(description="A user's own, with a value that a user has described.")
class Gloss(Enum):
    MATT = strawberry.enum_value("matt", description="Dull.")
    SHINY = "shiny"


class Maker(Versioned, table=True):
    __tablename__ = "schema_makers"

    id: int | None = Field(default=None, primary_key=True)
    name: str


class Lamp(Versioned, table=True):
    """What has defaults that a schema finds hard to write."""

    __tablename__ = "schema_lamps"

    id: int | None = Field(default=None, primary_key=True)
    maker_id: int = Field(default=7, foreign_key="schema_makers.id")
    gloss: Gloss = Field(default=Gloss.MATT, sa_type=sa.Enum(Gloss, values_callable=lambda members: [member.value for member in members]))
    shape: dict[str, Any] = Field(default={"sides": [1, 2.5, "x", None, True], "inner": {}}, sa_type=sa.JSON)
    labels: dict[str, Any] = Field(default={"inside": [{"not-a-name": 1}]}, sa_type=sa.JSON)


def test_defaults_that_are_hard_to_write() -> None:
    """A reference is an ID; an object of other names than GraphQL's has no literal, so the server is left to fill it in."""
    core = graphql.build_schema(print_sdl(build_schema(read_resources([Resource(Maker), Resource(Lamp)]))))
    assert written(core.type_map["CreateLampInput"]) == (
        'makerId: ID! = 7 gloss: Gloss! = MATT shape: JSON! = { sides: [1, 2.5, "x", null, true], inner: {} } labels: JSON'
    )
    gloss = core.type_map["Gloss"]
    assert isinstance(gloss, GraphQLEnumType)
    assert (gloss.description, gloss.values["MATT"].description) == ("A user's own, with a value that a user has described.", "Dull.")
