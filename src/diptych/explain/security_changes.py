"""Changes of who may ask, between two OpenAPI documents."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from diptych.explain.changes import Change
from diptych.explain.references import Place

# One way to be let in: schemes with their scopes, all of which are needed.
_Requirement: TypeAlias = frozenset[tuple[str, frozenset[str]]]
_SILENT: Final = frozenset({"description"})


def security_changes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], at: Place) -> Iterator[Change]:
    """What an operation demands of its caller: one of some alternatives, nothing where there is none or an empty one."""
    old, new = _requirements(before), _requirements(after)
    anybody = frozenset[tuple[str, frozenset[str]]]()
    for one in old - new:
        # Whoever came that way is let in still, where less is demanded than before.
        if not any(_is_less(other, one) for other in new):
            told = "Nobody is let in any more without saying who asks." if one == anybody else f"{_said(one)} is not enough any more."
            yield Change("breaking", str(at), told)
    for one in new - old:
        # What takes the place of less than it demands lets nobody in who was not.
        if any(_is_less(other, one) for other in old - new):
            continue
        yield Change("safe", str(at), "Nobody needs to say who asks any more." if one == anybody else f"{_said(one)} is enough now.")


def scheme_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The schemes themselves. One that is gone is told where an operation demanded it."""
    at = Place() / "components" / "securitySchemes"
    old, new = (one.get("components", {}).get("securitySchemes", {}) for one in (before, after))
    for name in old.keys() & new.keys():
        if _told(old[name]) != _told(new[name]):
            yield Change("breaking", str(at / name), f"The security scheme {name} works in another way now.")
    for name in new.keys() - old.keys():
        yield Change("safe", str(at / name), f"The security scheme {name} is new.")


def _requirements(security: Sequence[Mapping[str, Any]]) -> set[_Requirement]:
    return {frozenset((name, frozenset(scopes)) for name, scopes in one.items()) for one in security} or {frozenset()}


def _is_less(one: _Requirement, other: _Requirement) -> bool:
    """Whether who meets the other requirement meets this one too."""
    scopes = dict(other)
    return all(name in scopes and needed <= scopes[name] for name, needed in one)


def _said(requirement: _Requirement) -> str:
    return " and ".join(
        f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in sorted(requirement, key=lambda one: one[0])
    )


def _told(scheme: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in scheme.items() if name not in _SILENT}
