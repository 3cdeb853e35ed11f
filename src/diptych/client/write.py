"""Writes as the client thinks of them, before a door spells them."""

from dataclasses import dataclass
from typing import Any, Literal

from diptych.semantics.json_value import Document


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `version` names the state that it is made on, 0 that nothing is there; None names none.

    `body` is a document, a patch or a list of operations. `base` is the row as the caller has seen it, where they have.
    `key` is None for a create whose key the server chooses.
    """

    kind: Literal["create", "replace", "patch", "json_patch", "delete"]
    key: int | str | None
    version: int | None
    body: Any
    base: Document | None = None

    @property
    def repeatable(self) -> bool:
        """Whether sending it a second time can do no more than sending it once.

        With a version, or under a key that the client chose, the server refuses the second; a replace, a merge patch and a delete ask
        for a state, which is there already. Source: RFC 9110 section 9.2.2, RFC 7396.
        """
        if self.kind == "create":
            return self.key is not None
        return self.version is not None or self.kind in ("replace", "patch", "delete")
