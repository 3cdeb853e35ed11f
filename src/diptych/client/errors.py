"""What went wrong outside of the contract's refusals: no server, no answer, or one that cannot be read."""

from typing import Any

from diptych.client.known import Known


class ClientError(Exception):
    """Anything that kept a call from doing what it was asked.

    `may_be_written` says that the row may have been changed all the same, since nobody can tell from here.
    """

    may_be_written: bool = False


class Unreachable(ClientError):
    """No connection came about; nothing was sent."""


class AnswerLost(ClientError):
    """The request was sent, and its answer did not come. A write may have happened."""

    def __init__(self, message: str, *, may_be_written: bool) -> None:
        super().__init__(message)
        self.may_be_written = may_be_written


class BadAnswer(ClientError):
    """Something answered that does not speak as diptych does: a proxy's error page, text that is cut off, another server.

    `media_type` is empty where none was named; `retry_after` are the seconds after which it asks to be asked again.
    """

    def __init__(
        self, message: str, *, status: int, media_type: str, retry_after: float | None = None, may_be_written: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.media_type = media_type
        self.retry_after = retry_after
        self.may_be_written = may_be_written


class StreamCut(ClientError):
    """A stream ended before its end. `received` rows had come; they are good, and there are more."""

    def __init__(self, message: str, *, received: int) -> None:
        super().__init__(message)
        self.received = received


class MaybeWritten(ClientError):
    """An answer was lost, the write was sent again, and the row has moved on since the version that it named.

    Where `same`, the row is now as this write would have left it: most likely it did; certain if nobody else would write exactly
    that. Otherwise others have written since, or it carried what no row shows, and whether it was carried out cannot be seen.
    `current` is None where the row is gone, or cannot be read any more.
    """

    may_be_written = True

    def __init__(self, message: str, *, same: bool, current: Known[Any] | None, current_version: int, yours: int | None) -> None:
        super().__init__(message)
        self.same = same
        self.current = current
        self.current_version = current_version
        self.yours = yours
