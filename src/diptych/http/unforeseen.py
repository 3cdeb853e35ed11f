"""What nobody planned: one entry in the log with the request's id, and the id, no more, to the caller."""

import logging
from uuid import uuid4

from diptych.http.request_ids import current_request_id
from diptych.semantics.problems import Problem, problem

log = logging.getLogger("diptych")


def unforeseen(error: BaseException, *, door: str) -> Problem:
    """Log an error with its stack under the request's id, and return the problem that tells the caller that id alone."""
    request_id = current_request_id() or str(uuid4())
    log.error(
        "unforeseen error behind the %s door, request id %s",
        door,
        request_id,
        exc_info=error,
        extra={"request_id": request_id, "door": door},
    )
    return problem("internal", "Something unforeseen happened; the server's log has it under the request id.", requestId=request_id)
