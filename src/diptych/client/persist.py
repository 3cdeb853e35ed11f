"""Sends again what is safe to send again, and nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from diptych.client.errors import AnswerLost, BadAnswer, ClientError, Unreachable
from diptych.client.refusals import Busy, Internal, Refused
from diptych.client.retries import Retries
from diptych.client.steps import Answered, Ask, Heard, Lost, Steps, Unsent

T = TypeVar("T")

# What proxies say when they had no answer of their own: the request may have gone through. Source: RFC 9110 section 15.6.
_GATEWAY: Final = (502, 503, 504)
# Source: RFC 6585 section 4.
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A request, how its answer is read, and what may be done when the answer is lost.

    `read` raises ClientError. A question that `writes` may be sent again after a lost answer only if it is `repeatable`.
    """

    ask: Ask
    read: Callable[[Answered], T]
    writes: bool
    repeatable: bool


def persist(question: Question[T], retries: Retries, timeout: float) -> Steps[T]:
    """Ask until an answer comes that settles it, or the bounds are met; each try takes `timeout` seconds at most.

    Busy (503 `unavailable`, 429) says that nothing was written, and a connection that did not come about that nothing was sent; both
    are safe for everything. A refusal that comes after a lost answer says so in `after_lost_answer`.
    """
    until = time.monotonic() + retries.deadline
    lost, tried, pause = False, 0, 0.0
    while True:
        left = until - time.monotonic() - pause
        heard = yield replace(question.ask, pause=pause, timeout=max(0.001, min(timeout, left)))
        tried += 1
        again = True
        try:
            return _read(question, heard)
        except ClientError as failure:
            if _loses(failure):
                lost, again = True, question.repeatable or not question.writes
            elif not _is_untouched(failure):
                if isinstance(failure, Refused):
                    failure.after_lost_answer = lost
                failure.may_be_written |= lost and question.writes
                raise
            last = failure
        pause = retries.wait(tried, last.retry_after if isinstance(last, Busy | BadAnswer) else None)
        if not again or tried >= retries.attempts or time.monotonic() + pause >= until:
            raise _last_word(question, last, lost=lost)


def _loses(failure: ClientError) -> bool:
    """Whether nobody knows after it what has become of the request."""
    return isinstance(failure, AnswerLost) or (isinstance(failure, BadAnswer) and failure.status in _GATEWAY)


def _is_untouched(failure: ClientError) -> bool:
    """Whether it says that nothing was done, and that the same may be asked again; a proxy has its own words for 429."""
    return isinstance(failure, Unreachable | Busy) or (isinstance(failure, BadAnswer) and failure.status == _TOO_MANY)


def _read(question: Question[T], heard: Heard) -> T:
    where = f"{question.ask.method} {question.ask.path}"
    match heard:
        case Answered():
            try:
                return question.read(heard)
            except BadAnswer as bad:
                # A 4xx says that the request was not carried out; anything else leaves it open.
                bad.may_be_written = question.writes and not 400 <= heard.status < 500
                raise
            except Internal as internal:
                internal.may_be_written = question.writes
                raise
        case Unsent(reason):
            raise Unreachable(f"{where}: no connection came about ({reason}); nothing was sent.")
        case Lost(reason):
            said = "It may have been carried out." if question.writes else "It changes nothing."
            raise AnswerLost(f"{where}: it was sent, and no whole answer came ({reason}). {said}", may_be_written=question.writes)


def _last_word(question: Question[T], last: ClientError, *, lost: bool) -> ClientError:
    """What to raise after the last try. That a try was refused says nothing of one before it whose answer was lost."""
    if lost and question.writes and not last.may_be_written:
        where = f"{question.ask.method} {question.ask.path}"
        told = AnswerLost(f"{where}: an answer was lost, and trying again did not settle it ({last}).", may_be_written=True)
        told.__cause__ = last
        return told
    return last
