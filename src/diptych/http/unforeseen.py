"""What nobody planned: one entry in the log with a number, and the number, no more, to the caller."""

import logging
from uuid import uuid4

from diptych.semantics.problems import Problem, problem

log = logging.getLogger("diptych")


def unforeseen(error: BaseException, *, door: str) -> Problem:
    """Log an error with its stack under a new request id, and return the problem that tells the caller that id alone."""
    request_id = str(uuid4())
    log.error("unforeseen error behind the %s door, request id %s", door, request_id, exc_info=error)
    return problem("internal", "Something unforeseen happened; the server's log has it under the request id.", requestId=request_id)
