"""JSON Merge Patch. Source: RFC 7396."""

from diptych.semantics.json_value import JSON, MISSING, Document


def merge(target: JSON, patch: JSON) -> JSON:
    """Apply a merge patch to any JSON value and return the result; neither argument is changed.

    Null deletes a member, objects merge, everything else replaces. Source: RFC 7396 section 2.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def merge_members(current: Document, patch: Document) -> dict[str, JSON]:
    """Apply a merge patch to the fields of a row: a null clears the field rather than deleting it.

    A row always has all its columns, so at the top a null stays one, for the check to take or refuse; inside a JSON
    column the rules of RFC 7396 hold as they stand.
    """
    merged = dict(current)
    for name, value in patch.items():
        merged[name] = None if value is None else merge(current.get(name, MISSING), value)
    return merged
