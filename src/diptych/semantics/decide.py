"""Decisions on writes: facts in, either a refusal or the guarded changes out. No await, no clock, no framework.

Every function keeps one order of refusals: absence, the conditions of the header or the argument, content that cannot be
read, the version in the document, content that is wrong, and last the constraints. Source: RFC 9110 section 13.2.1.
"""

from collections.abc import Sequence

from diptych.semantics.change import ChangeSet, Insert, Remove, Update
from diptych.semantics.command import Address, Content, Create, Delete, JsonPatch, MergePatch, Replace, Unaddressable
from diptych.semantics.document import VERSION, Draft, carries_hidden, complete_draft, patch_draft, stated_version
from diptych.semantics.json_patch import Patched, apply
from diptych.semantics.json_value import JSON, Document, same
from diptych.semantics.measure import DEEPEST
from diptych.semantics.merge_patch import merge_members
from diptych.semantics.outcome import (
    MOST_VIOLATIONS,
    AlreadyExists,
    Effect,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionRequired,
    Refusal,
    UniqueConflict,
    VersionExhausted,
    VersionMismatch,
    Violation,
    Where,
    Written,
)
from diptych.semantics.pointer import WHOLE
from diptych.semantics.precondition import Absent, IsAt, Precondition, at_version, holds, protects
from diptych.semantics.row import Facts, Key, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import LAST, NOTHING, Version

Decision = Refusal | Written | ChangeSet


def decide_create(command: Create, shape: Shape, facts: Facts, minted: Document) -> Decision:
    """Say what a create does. `facts` are those of the key in the document, where the client chooses it.

    `minted` has a fresh value for each field whose default is made anew for every row.
    """
    # Create starts from nothing, so that is the state which conditions are judged by; a taken key is found last.
    nothing = Facts(None, facts.last)
    if (refusal := _first_unmet(command.preconditions, nothing, "condition")) is not None:
        return refusal
    content = _readable(command.document)
    if not isinstance(content, dict):
        return content
    if (refusal := _document_version(content, command.preconditions, nothing)) is not None:
        return refusal
    draft = complete_draft(content, shape, None, minted)
    key, wrong = _new_key(content, shape)
    checked = _checked(draft, shape, key, NOTHING, wrong)
    if isinstance(checked, Invalid):
        return checked
    if facts.row is not None:
        where: Where = "condition" if Absent() in command.preconditions else "document"
        return AlreadyExists(facts.row.key, facts.version, where)
    return _birth(key, checked, facts, shape)


def decide_replace(command: Replace, shape: Shape, facts: Facts, minted: Document) -> Decision:
    """Say what a replace does to the row as it is now; where the client chooses keys it may give birth to it."""
    refusal = _before_content(command.key, command.preconditions, command.document, shape, facts, upsert=shape.client_keyed)
    if refusal is not None:
        return refusal
    content = _readable(command.document)
    if not isinstance(content, dict):
        return content
    if (refusal := _document_version(content, command.preconditions, facts)) is not None:
        return refusal
    return _decide_complete(command.key, content, command.preconditions, shape, facts, minted)


def decide_merge_patch(command: MergePatch, shape: Shape, facts: Facts) -> Decision:
    """Say what a merge patch does to the row as it is now. Source: RFC 7396."""
    refusal = _before_content(command.key, command.preconditions, command.patch, shape, facts, upsert=False)
    if refusal is not None:
        return refusal
    content = _readable(command.patch)
    if not isinstance(content, dict):
        return content
    if (refusal := _document_version(content, command.preconditions, facts)) is not None:
        return refusal
    row = _stored(facts)
    draft = patch_draft(content, shape, row)
    draft = Draft(merge_members(row.values, draft.members), draft.violations)
    checked = _checked(draft, shape, row.key, row.version, _contradiction(content, command.preconditions))
    if isinstance(checked, Invalid):
        return checked
    return _step(row, checked, Effect.PATCHED, touched=carries_hidden(content, shape))


def decide_json_patch(command: JsonPatch, shape: Shape, facts: Facts, most_bytes: int, deepest: int = DEEPEST) -> Decision:
    """Say what a JSON Patch does to the row as it is now. Source: RFC 6902."""
    # Operations are no document: a `version` beside them says nothing.
    refusal = _before_content(command.key, command.preconditions, {}, shape, facts, upsert=False)
    if refusal is not None:
        return refusal
    if isinstance(command.operations, Malformed):
        return command.operations
    if not isinstance(command.operations, list):
        return Invalid((Violation(WHOLE, "type", "Must be an array of operations."),))
    row = _stored(facts)
    patched = apply(shape.representation(row), command.operations, hidden=shape.hidden, most_bytes=most_bytes, deepest=deepest)
    if not isinstance(patched, Patched):
        return patched
    if not isinstance(patched.document, dict):
        return Invalid((Violation(WHOLE, "type", "The patched document must be an object."),))
    result = {**patched.document, **patched.hidden}
    # The version may be tested, not changed; here it is no precondition, since the caller's document came from this very row.
    version = result.pop(VERSION, row.version)
    draft = complete_draft(result, shape, row, {})
    wrong = []
    if not same(version, row.version):
        wrong.append(Violation("/version", "not_allowed", "The version is set by the server and cannot be patched."))
    checked = _checked(draft, shape, row.key, row.version, wrong)
    if isinstance(checked, Invalid):
        return checked
    return _step(row, checked, Effect.PATCHED, touched=bool(patched.hidden))


def decide_delete(command: Delete, shape: Shape, facts: Facts) -> Decision:
    """Say what a delete does; a row that is not there is NotFound, the second time too (RFC 9110 section 9.2.2)."""
    refusal = _before_content(command.key, command.preconditions, {}, shape, facts, upsert=False)
    if refusal is not None:
        return refusal
    row = _stored(facts)
    return (Remove(row.key, seen=row.version),)


def decide_unseen(command: Replace, shape: Shape) -> ChangeSet | None:
    """Find the change of a replace that needs no facts: one version is named, and the document is complete and valid.

    Then the guard of the statement is the whole check. None where the row must be looked at first: anything that would be
    refused (since absence and conditions are told before it), and a document that leaves or carries what only the row knows.
    """
    content, conditions = command.document, command.preconditions
    if isinstance(command.key, Unaddressable) or shape.kept or not isinstance(content, dict) or VERSION in content:
        return None
    if len(conditions) != 1 or not isinstance(conditions[0], IsAt) or len(conditions[0].versions) != 1:
        return None
    (seen,) = conditions[0].versions
    if not NOTHING < seen < LAST:
        return None
    draft = complete_draft(content, shape, Row(command.key, seen, {}), {})
    checked = _checked(draft, shape, command.key, seen, ())
    return None if isinstance(checked, Invalid) else (Update(command.key, seen, checked, unless_same=True),)


def _decide_complete(
    address: Address, content: Document, conditions: Sequence[Precondition], shape: Shape, facts: Facts, minted: Document
) -> Decision:
    wrong = _contradiction(content, conditions)
    draft = complete_draft(content, shape, facts.row, minted)
    if facts.row is not None:
        checked = _checked(draft, shape, facts.row.key, facts.version, wrong)
        if isinstance(checked, Invalid):
            return checked
        return _step(facts.row, checked, Effect.REPLACED, touched=carries_hidden(content, shape))
    key, misaddressed = _upsert_key(address, content, shape)
    checked = _checked(draft, shape, key, NOTHING, [*misaddressed, *wrong])
    return checked if isinstance(checked, Invalid) else _birth(key, checked, facts, shape)


def _before_content(
    address: Address, conditions: Sequence[Precondition], content: Content, shape: Shape, facts: Facts, *, upsert: bool
) -> Refusal | None:
    """Judge all that comes before the content is looked at."""
    # Absence comes first: a request that fails anyway ignores its preconditions (RFC 9110 section 13.2.1).
    if facts.row is None and not upsert:
        return NotFound(address.text if isinstance(address, Unaddressable) else address)
    # The caller may see the row, so that it is there is no secret; its state is not looked at.
    if not facts.allowed:
        return Forbidden()
    if (refusal := _first_unmet(conditions, facts, "condition")) is not None:
        return refusal
    # Any `version` member of the document is the caller's attempt to say one; a wrong one is told as such, later.
    stated = isinstance(content, dict) and VERSION in content
    if shape.versions_required and not stated and not any(map(protects, conditions)):
        return PreconditionRequired()
    return None


def _first_unmet(conditions: Sequence[Precondition], facts: Facts, where: Where) -> VersionMismatch | None:
    for condition in conditions:
        if not holds(condition, facts.version):
            return VersionMismatch(facts.version, facts.row, where)
    return None


def _readable(content: Content) -> dict[str, JSON] | Malformed | Invalid:
    if isinstance(content, Malformed | dict):
        return content
    return Invalid((Violation(WHOLE, "type", "Must be an object."),))


def _document_version(content: Document, conditions: Sequence[Precondition], facts: Facts) -> VersionMismatch | None:
    """Judge the version in the document as a precondition of its own."""
    version = stated_version(content)
    if version is None or _contradiction(content, conditions):
        return None
    return _first_unmet([at_version(version)], facts, "document")


def _contradiction(content: Document, conditions: Sequence[Precondition]) -> list[Violation]:
    """A document cannot name another version than the tags of the If-Match that came with it."""
    version = stated_version(content)
    if version is None or all(version in condition.versions for condition in conditions if isinstance(condition, IsAt)):
        return []
    return [Violation("/version", "not_allowed", "Must be one of the versions that If-Match names.")]


def _new_key(content: Document, shape: Shape) -> tuple[Key | None, list[Violation]]:
    """The key of a create: in the document where the client chooses it, and nowhere else."""
    at = f"/{shape.key_name}"
    if not shape.client_keyed:
        present = shape.key_name in content
        return None, [Violation(at, "not_allowed", "The server chooses this key; leave it out.")] if present else []
    if shape.key_name not in content:
        return None, [Violation(at, "required", "Must be given: the client chooses this key.")]
    key = shape.key_from_json(content[shape.key_name])
    return (None, [key]) if isinstance(key, Violation) else (key, [])


def _upsert_key(address: Address, content: Document, shape: Shape) -> tuple[Key | None, list[Violation]]:
    """The key of a row about to be born by a replace: the address says it, and the document may repeat it."""
    at = f"/{shape.key_name}"
    if isinstance(address, Unaddressable):
        # A document may spell a key in ways that no address has: such a text is no key here either.
        read = shape.key_from_json(address.text)
        return None, [read if isinstance(read, Violation) else Violation(at, "format", "Must be spelled as an answer spells it.")]
    if shape.key_name in content and not same(content[shape.key_name], address):
        return address, [Violation(at, "not_allowed", "Must be the key that the request addresses.")]
    return address, []


def _checked(draft: Draft, shape: Shape, key: Key | None, version: Version, wrong: Sequence[Violation]) -> Document | Invalid:
    checked = shape.check(draft.members, key=key, version=version)
    if isinstance(checked, dict) and not wrong and not draft.violations:
        return checked
    found = () if isinstance(checked, dict) else checked
    violations = (*wrong, *draft.violations, *found)[:MOST_VIOLATIONS]
    return Invalid(violations)


def _step(row: Row, values: Document, effect: Effect, *, touched: bool) -> Written | VersionExhausted | ChangeSet:
    """The next state of a row, unless it is the one that is there. `touched`: a hidden field came, so no guess is confirmed."""
    if not touched and same(dict(values), dict(row.values)):
        return Written(row, Effect.UNCHANGED)
    if row.version >= LAST:
        return VersionExhausted(row.key)
    return (Update(row.key, seen=row.version, values=values),)


def _birth(key: Key | None, values: Document, facts: Facts, shape: Shape) -> VersionExhausted | UniqueConflict | ChangeSet:
    if facts.concealed:
        # The key is taken by a row that is not there for this caller: told as for any value that no two rows may share.
        return UniqueConflict((shape.key_name,))
    if facts.last >= LAST:
        assert key is not None
        return VersionExhausted(key)
    return (Insert(key, values, above=facts.last),)


def _stored(facts: Facts) -> Row:
    assert facts.row is not None, "absence was told before"
    return facts.row
