"""Single changes planted into the demo's GraphQL schema, each judged by what it does to clients."""

from pathlib import Path

import pytest

from diptych.explain.changes import Effect
from diptych.explain.errors import NotUnderstood
from diptych.explain.graphql_changes import graphql_changes

SCHEMA = (Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8")
KEY = '  """Number of the user, chosen by the server."""\n  id: ID!\n'
BIO = '  """A few words about the user."""\n  bio: String\n\n  """Names'
CREATE_BIO = '  """A few words about the user."""\n  bio: String = null\n}\n\n"""What `replaceUser`'
NAME = 'input CreateUserInput {\n  """Name to show."""\n  name: String!\n'
UNION = "union CreateUserResult = UserWritten | AlreadyExists |"
FIRST_USERS = 'users(\n    """What must hold for the rows; all rows unless said."""\n    where: UserWhere\n'
DELETE_USER = (
    "  deleteUser(\n"
    '    """The key of the User."""\n'
    "    id: ID!\n\n"
    '    """\n'
    "    The version that the change was made on, as it was read; 0 says that nothing is there. Left out or null, any state will do.\n"
    '    """\n'
    "    version: Int\n"
)

# What is planted, and how it must be judged, once.
CHANGES = [
    pytest.param(BIO, '  """Names', "breaking", "User.bio", id="field-removed"),
    pytest.param(KEY, KEY + "  age: Int\n", "safe", "User.age", id="field-added"),
    pytest.param(BIO, BIO.replace("String", "Int"), "breaking", "User.bio", id="field-of-another-type"),
    pytest.param(BIO, BIO.replace("String", "String!"), "safe", "User.bio", id="field-never-null-now"),
    pytest.param(KEY, KEY.replace("ID!", "ID"), "breaking", "User.id", id="field-null-now"),
    pytest.param(BIO, BIO.replace("String", 'String @deprecated(reason: "read about")'), "safe", "User.bio", id="field-deprecated"),
    pytest.param(CREATE_BIO, CREATE_BIO.replace("}", "  age: Int\n}"), "dangerous", "CreateUserInput.age", id="optional-input-field-added"),
    pytest.param(CREATE_BIO, CREATE_BIO.replace("}", "  age: Int!\n}"), "breaking", "CreateUserInput.age", id="required-input-field-added"),
    pytest.param(CREATE_BIO, CREATE_BIO[CREATE_BIO.index("}") :], "breaking", "CreateUserInput.bio", id="input-field-removed"),
    pytest.param('  role: String! = "user"', "  role: String!", "breaking", "CreateUserInput.role", id="default-removed-and-required-now"),
    pytest.param('  role: String! = "user"', '  role: String! = "x"', "dangerous", "CreateUserInput.role", id="default-changed"),
    pytest.param(NAME, NAME.replace("String!", "String"), "safe", "CreateUserInput.name", id="input-field-optional-now"),
    pytest.param(
        UNION, UNION.replace("AlreadyExists", "NotFound | AlreadyExists"), "dangerous", "CreateUserResult", id="member-added-to-union"
    ),
    pytest.param(UNION, UNION.replace(" AlreadyExists |", ""), "breaking", "CreateUserResult", id="member-removed-from-union"),
    pytest.param("  CREATED\n", "  CREATED\n  MADE\n", "dangerous", "WriteOutcome.MADE", id="enum-value-added"),
    pytest.param('  """The row is new."""\n  CREATED\n\n', "", "breaking", "WriteOutcome.CREATED", id="enum-value-removed"),
    pytest.param(FIRST_USERS, FIRST_USERS + "    like: String\n", "dangerous", "Query.users(like:)", id="optional-argument-added"),
    pytest.param(FIRST_USERS, FIRST_USERS + "    like: String!\n", "breaking", "Query.users(like:)", id="required-argument-added"),
    pytest.param(
        FIRST_USERS, FIRST_USERS.replace("where: UserWhere", "were: UserWhere"), "breaking", "Query.users(where:)", id="argument-renamed"
    ),
    pytest.param(
        DELETE_USER,
        DELETE_USER.replace("version: Int", "version: Int!"),
        "breaking",
        "Mutation.deleteUser(version:)",
        id="versions-required-now",
    ),
    pytest.param("type NotFound implements Problem", "type NotFound", "breaking", "NotFound", id="interface-removed"),
    pytest.param("Name to show.", "A name to show.", "safe", "User.name", id="description-changed"),
    pytest.param("scalar JSON @", 'scalar Lone\n\n"""Any."""\nscalar JSON @', "safe", "Lone", id="type-added"),
]


@pytest.mark.parametrize(("old", "new", "effect", "path"), CHANGES)
def test_a_planted_change(old: str, new: str, effect: Effect, path: str) -> None:
    """The change is found at its place, and the worst that is said of it is what it does."""
    assert old in SCHEMA
    changes = graphql_changes(SCHEMA, SCHEMA.replace(old, new, 1))
    assert changes
    assert path in [change.path for change in changes], changes
    assert changes[0].effect == effect, changes
    assert {change.effect for change in changes if change.path == path} == {effect}


def test_nothing_has_changed() -> None:
    assert graphql_changes(SCHEMA, SCHEMA) == []


def test_every_type_may_go() -> None:
    """Of a schema that is another one altogether, every change has a place and the worst come first."""
    changes = graphql_changes(SCHEMA, "type Query { hello: String }")
    assert all(change.path for change in changes)
    effects = [change.effect for change in changes]
    assert effects == sorted(effects, key=("breaking", "dangerous", "safe").index)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("type Query {", r"The new schema is no GraphQL: .* \(line 1\)", id="no-grammar"),
        pytest.param("type Query { a: Nope }", "The new schema is not complete: Unknown type 'Nope'", id="unknown-type"),
    ],
)
def test_what_is_no_schema(text: str, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        graphql_changes(SCHEMA, text)
