"""What a refusal means when an earlier try of the same write was sent and its answer lost."""

from diptych.client.errors import ClientError, MaybeWritten
from diptych.client.likeness import Likeness, likeness
from diptych.client.refusals import NotFound, Refused, VersionMismatch
from diptych.client.write import Write


def settle(write: Write, refusal: Refused) -> ClientError:
    """Say what is known: the refusal itself where the earlier try has certainly not written, MaybeWritten where it may have.

    No pair of key and version names two states. So a row that is one version on and not as we wrote it was changed by somebody else,
    from the very state that we had named; our earlier try was refused, or never arrived.
    """
    if write.kind == "delete":
        return _of_delete(write, refusal)
    if not isinstance(refusal, VersionMismatch):
        return refusal
    if refusal.current is not None:
        found = likeness(write, refusal.current.document)
        if found is Likeness.SAME:
            return _maybe(refusal, "the row is as this write would have left it; most likely it did", same=True)
        if found is Likeness.OTHER and write.version is not None and refusal.current_version == write.version + 1:
            refusal.may_be_written = False
            return refusal
    return _maybe(
        refusal, "others have written since, or not all of it can be seen; whether this write was carried out is unknown", same=False
    )


def _of_delete(write: Write, refusal: Refused) -> ClientError:
    gone = isinstance(refusal, NotFound) or (isinstance(refusal, VersionMismatch) and refusal.current is None)
    if gone:
        message = "An answer was lost, and the delete was sent again: the row is gone, by it or by somebody else."
        return MaybeWritten(message, same=True, current=None, current_version=0, yours=write.version)
    if isinstance(refusal, VersionMismatch):
        # It may be another row, born under the key of the one that was deleted.
        return _maybe(refusal, "a row is there, which may have been created after the delete", same=False)
    return refusal


def _maybe(refusal: VersionMismatch, said: str, *, same: bool) -> MaybeWritten:
    return MaybeWritten(
        f"An answer was lost, and the write was sent again: {said}.",
        same=same,
        current=refusal.current,
        current_version=refusal.current_version,
        yours=refusal.yours,
    )
