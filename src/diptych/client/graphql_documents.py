"""The GraphQL documents that the client sends, made from a resource's names and fields."""

from collections.abc import Sequence
from typing import Final

from diptych.client.json_names import GraphqlNames
from diptych.client.speech import Wanted
from diptych.client.write import Write

# The name of the one root field, whatever the schema calls it.
ANSWER: Final = "answer"

_PROBLEM: Final = "... on Problem { type title status code detail }"
_FACTS: Final = {
    "NotFound": "key",
    "AlreadyExists": "key currentVersion",
    "VersionExhausted": "key",
    "Invalid": "violations { pointer code message }",
    "UniqueConflict": "fields",
    "ReferenceConflict": "resource fields",
    "PatchConflict": "index pointer",
    "PatchInvalid": "index pointer",
}
_OF_DOCUMENT: Final = ("VersionExhausted", "Invalid", "UniqueConflict", "ReferenceConflict")
# What each result union has besides success and the version mismatch (contract, section 6.4). A fragment on another type is an error.
_MEMBERS: Final = {
    "create": ("AlreadyExists", *_OF_DOCUMENT),
    "replace": ("NotFound", *_OF_DOCUMENT),
    "patch": ("NotFound", *_OF_DOCUMENT, "PatchConflict", "PatchInvalid"),
    "json_patch": ("NotFound", *_OF_DOCUMENT, "PatchConflict", "PatchInvalid"),
    "delete": ("NotFound", "ReferenceConflict"),
}
_FIELDS: Final = {"create": "create", "replace": "replace", "patch": "patch", "json_patch": "jsonPatch", "delete": "delete"}
# The argument that carries the content, and its type.
_BODIES: Final = {
    "create": ("input", "Create{}Input!"),
    "replace": ("input", "Replace{}Input!"),
    "patch": ("patch", "Patch{}Input!"),
    "json_patch": ("operations", "[JsonPatchOperation!]!"),
}

INTROSPECTION: Final = """query ($type: String!) {
  __type(name: $type) {
    fields { name args { name } type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }
  }
}"""


def body_argument(write: Write) -> str:
    return _BODIES[write.kind][0]


def fetch_document(names: GraphqlNames, fields: Sequence[str]) -> str:
    return f"query ($id: ID!) {{ {ANSWER}: {names.singular}(id: $id) {{ {' '.join(fields)} }} }}"


def page_document(names: GraphqlNames, fields: Sequence[str], wanted: Wanted) -> str:
    """Only the arguments that are given are named, so that a list nobody may filter has none that it does not know."""
    size = "last" if wanted.before is not None and wanted.after is None else "first"
    given = {
        "where": (f"{names.type}Where", wanted.where is not None),
        "orderBy": (f"[{names.type}Order!]", bool(wanted.order)),
        size: ("Int", wanted.size is not None),
        "after": ("String", wanted.after is not None),
        "before": ("String", wanted.before is not None),
    }
    used = {name: kind for name, (kind, is_given) in given.items() if is_given}
    variables, arguments = _called(used)
    total = " totalCount" if wanted.total else ""
    place = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    return f"query{variables} {{ {ANSWER}: {names.plural}{arguments} {{ edges {{ node {{ {' '.join(fields)} }} }} {place}{total} }} }}"


def write_document(names: GraphqlNames, fields: Sequence[str], write: Write) -> str:
    used = {}
    if write.kind != "create":
        used["id"] = "ID!"
    if write.version is not None:
        # `Int!` fits an argument that takes null as well.
        used["version"] = "Int!"
    if write.kind in _BODIES:
        name, kind = _BODIES[write.kind]
        used[name] = kind.format(names.type)
    variables, arguments = _called(used)
    row = f"{{ {' '.join(fields)} }}"
    done = (
        f"... on {names.type}Deleted {{ id version }}"
        if write.kind == "delete"
        else f"... on {names.type}Written {{ {names.singular} {row} }}"
    )
    stale = f"... on {names.type}VersionMismatch {{ currentVersion current {row} }}"
    others = " ".join(f"... on {name} {{ {_FACTS[name]} }}" for name in _MEMBERS[write.kind])
    mutation = f"{_FIELDS[write.kind]}{names.type}{arguments}"
    return f"mutation{variables} {{ {ANSWER}: {mutation} {{ __typename {done} {stale} {_PROBLEM} {others} }} }}"


def _called(used: dict[str, str]) -> tuple[str, str]:
    """Variables and arguments of the same names."""
    if not used:
        return "", ""
    variables = ", ".join(f"${name}: {kind}" for name, kind in used.items())
    return f" ({variables})", f"({', '.join(f'{name}: ${name}' for name in used)})"
