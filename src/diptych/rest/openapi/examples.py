"""Examples: bodies that the door would really take and give, made by the functions that make the real ones."""

import json
from typing import Final

from diptych.http.answer import json_bytes, problem_answer
from diptych.resource.shape import ResourceShape
from diptych.rest.admission import JSON_MEDIA
from diptych.rest.openapi.problems import schema_name
from diptych.rest.openapi.sample import Sample, sample
from diptych.rest.paging import page_body
from diptych.rest.refusal import content_too_large, not_acceptable, unsupported_media_type
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import (
    AlreadyExists,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Page,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    ReferenceConflict,
    Refusal,
    Unauthenticated,
    Unavailable,
    UniqueConflict,
    VersionExhausted,
    VersionMismatch,
    Violation,
    Where,
)
from diptych.semantics.pointer import pointer
from diptych.semantics.problems import Problem, describe, problem
from diptych.semantics.row import Key, Row
from diptych.semantics.version import NOTHING

# Their words name no resource, so one example does for all.
_ALIKE: Final = frozenset(
    {
        "invalid",
        "malformed",
        "not_acceptable",
        "content_too_large",
        "unsupported_media_type",
        "unavailable",
        "unauthenticated",
        "too_many_requests",
        "internal",
    }
)
_REQUEST_ID: Final = "0b9a4e5c-7b1e-4c55-9f0f-3d2f5a8f3c11"


class Examples:
    """The examples of one resource; those that need a row are None where no sample could be made."""

    def __init__(self, shape: ResourceShape) -> None:
        self._shape = shape
        self._sample: Sample | None = sample(shape)

    @property
    def create(self) -> JSON:
        if self._sample is None or not self._shape.client_keyed:
            return self.replace
        return {self._shape.key_name: self._sample.row.key, **self._sample.document}

    @property
    def replace(self) -> JSON:
        return None if self._sample is None else dict(self._sample.document)

    @property
    def merge_patch(self) -> JSON:
        return None if self._sample is None else dict(list(self._sample.document.items())[:1])

    @property
    def json_patch(self) -> JSON:
        changed = self.merge_patch
        return None if changed is None else [{"op": "replace", "path": pointer(name), "value": value} for name, value in changed.items()]

    @property
    def representation(self) -> JSON:
        return None if self._sample is None else self._shape.representation(self._sample.row)

    @property
    def page(self) -> JSON:
        if self._sample is None:
            return None
        row = self._sample.row
        return page_body(Page((row,), has_next=False, has_previous=False), self._shape)

    @property
    def lines(self) -> JSON:
        row = self.representation
        return None if row is None else json_bytes(row).decode() + "\n"

    def problem_name(self, code: str, status: int) -> str:
        """What the example of a refusal is called among the components."""
        name = schema_name(code, status, self._shape)
        return name if code in _ALIKE or name.startswith(self._shape.name) else self._shape.name + name

    def problem(self, code: str, status: int) -> JSON:
        """The body of a refusal, as it is written where the application stands under no prefix."""
        told = _door_problem(code) or describe(self._refusal(code, status), self._shape)
        return json.loads(problem_answer(told, "").body or b"null")

    def _refusal(self, code: str, status: int) -> Refusal:
        row: Row | None = None if self._sample is None else self._sample.row
        key: Key = 1 if row is None else row.key
        version = NOTHING if row is None else row.version
        where: Where = "condition" if status == 412 else "document"
        field = next((column.json_name for column in self._shape.writable), self._shape.key_name)
        samples: dict[str, Refusal] = {
            "not_found": NotFound(key),
            "version_mismatch": VersionMismatch(version, row, where),
            "precondition_required": PreconditionRequired(),
            "invalid": Invalid((Violation(pointer("colour"), "unknown", "There is no such field."),)),
            "malformed": Malformed("The content is not JSON", 17),
            "already_exists": AlreadyExists(key, version, where),
            "unique_conflict": UniqueConflict((field,)),
            "reference_conflict": ReferenceConflict(self._shape.name, (field,)),
            "patch_conflict": PatchConflict(0, pointer(field)),
            "patch_invalid": PatchInvalid(0, pointer("colour"), "nothing is there"),
            "version_exhausted": VersionExhausted(key),
            "unavailable": Unavailable(),
            "unauthenticated": Unauthenticated(),
            "forbidden": Forbidden(),
        }
        return samples[code]


def _door_problem(code: str) -> Problem | None:
    match code:
        case "not_acceptable":
            return not_acceptable(JSON_MEDIA).problem
        case "content_too_large":
            return content_too_large(1 << 20).problem
        case "unsupported_media_type":
            return unsupported_media_type(b"accept", (JSON_MEDIA,)).problem
        case "too_many_requests":
            return problem(code, "More requests came than this server takes from one caller. Try again in 7 seconds.")
        case "internal":
            return problem(
                "internal", "Something unforeseen happened; the server's log has it under the request id.", requestId=_REQUEST_ID
            )
        case _:
            return None
