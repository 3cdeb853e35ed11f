"""Lanes by themselves: who shares a batch, who never does, and that nobody takes anybody along."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from diptych.semantics.outcome import Unavailable
from diptych.service.ports import StoreError
from diptych.store.lanes import Lane


class Worker:
    """Notes its batches and answers each ask with its double, once it is let go; 13 is refused and 99 fails the batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, asks: Sequence[int]) -> list[int | StoreError]:
        self.batches.append(list(asks))
        await self.go.wait()
        if 99 in asks:
            raise ValueError("a bug")
        return [StoreError("thirteen") if ask == 13 else ask * 2 for ask in asks]


def lane_of(*workers: Worker, most_waiting: int = 100, largest: int = 100, alike: Callable[[int], object] | None = None) -> Lane[int, int]:
    return Lane(*workers, most_waiting=most_waiting, largest=largest, alike=alike)


async def test_callers_of_one_turn_share_a_batch() -> None:
    worker = Worker()
    lane = lane_of(worker)
    assert await asyncio.gather(*(lane.serve(ask) for ask in range(5))) == [0, 2, 4, 6, 8]
    assert worker.batches == [[0, 1, 2, 3, 4]]


async def test_who_arrives_while_the_lane_is_busy_waits_for_the_next_batch() -> None:
    worker = Worker()
    lane = lane_of(worker)
    worker.go.clear()
    first = asyncio.create_task(lane.serve(1))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(lane.serve(ask)) for ask in (2, 3)]
    await asyncio.sleep(0.01)
    assert worker.batches == [[1]], "nobody joins a batch that was sent"
    worker.go.set()
    assert [await first, *[await other for other in others]] == [2, 4, 6]
    assert worker.batches == [[1], [2, 3]]


async def test_a_lone_caller_waits_for_nobody() -> None:
    worker = Worker()
    lane = lane_of(worker)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await lane.serve(1)
    counting.cancel()
    assert turns < 6


async def test_batches_have_a_largest_size() -> None:
    worker = Worker()
    await asyncio.gather(*(lane_of(worker, largest=2).serve(ask) for ask in range(1)))
    lane = lane_of(worker, largest=2)
    await asyncio.gather(*(lane.serve(ask) for ask in range(5)))
    assert worker.batches[1:] == [[0, 1], [2, 3], [4]]


async def test_a_lane_of_alike_callers_batches_those_who_ask_for_the_like() -> None:
    worker = Worker()
    lane = lane_of(worker, largest=4, alike=lambda ask: ask % 10)
    assert await asyncio.gather(*(lane.serve(ask) for ask in (1, 2, 11, 1, 1, 2))) == [2, 4, 22, 2, 2, 4]
    assert worker.batches == [[1, 11, 1], [2, 2], [1]], "of the first four, and then of the next"


async def test_several_workers_serve_at_the_same_time() -> None:
    one, two = Worker(), Worker()
    one.go.clear()
    two.go.clear()
    lane = lane_of(one, two, largest=1)
    asked = [asyncio.create_task(lane.serve(ask)) for ask in range(3)]
    await asyncio.sleep(0.01)
    assert len(one.batches) == len(two.batches) == 1
    one.go.set()
    two.go.set()
    assert [await one_of_them for one_of_them in asked] == [0, 2, 4]


async def test_an_error_of_one_is_raised_to_that_one() -> None:
    lane = lane_of(Worker())
    answers = await asyncio.gather(*(lane.serve(ask) for ask in (1, 13, 2)), return_exceptions=True)
    assert [answers[0], answers[2]] == [2, 4]
    assert isinstance(answers[1], StoreError)


async def test_an_error_of_the_batch_is_raised_to_all_and_the_lane_goes_on() -> None:
    worker = Worker()
    lane = lane_of(worker)
    answers = await asyncio.gather(*(lane.serve(ask) for ask in (1, 99, 2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreError] * 3
    assert len({id(answer) for answer in answers}) == 3, "each has an exception of its own"
    assert await lane.serve(4) == 8


@pytest.mark.parametrize("when", ["queued", "sent"])
async def test_a_caller_that_goes_away_takes_nobody_with_it(when: str) -> None:
    worker = Worker()
    lane = lane_of(worker)
    worker.go.clear()
    ahead = asyncio.create_task(lane.serve(0))
    await asyncio.sleep(0.01)
    if when == "sent":
        worker.go.set()
        await ahead
        worker.go.clear()
    tasks = [asyncio.create_task(lane.serve(ask)) for ask in (1, 2, 3)]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    await asyncio.sleep(0.01)
    worker.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[0], answers[2]] == [2, 6]
    assert isinstance(answers[1], asyncio.CancelledError)
    assert worker.batches[-1] == ([1, 3] if when == "queued" else [1, 2, 3])
    await ahead


async def test_beyond_the_bound_the_answer_comes_at_once() -> None:
    worker = Worker()
    lane = lane_of(worker, most_waiting=2)
    worker.go.clear()
    first = asyncio.create_task(lane.serve(0))
    await asyncio.sleep(0.01)
    waiting = [asyncio.create_task(lane.serve(ask)) for ask in (1, 2)]
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(lane.serve(3), 10) == Unavailable()
    worker.go.set()
    assert [await first, *[await one for one in waiting]] == [0, 2, 4]
    assert await lane.serve(3) == 6


async def test_callers_that_went_away_do_not_fill_the_queue() -> None:
    worker = Worker()
    lane = lane_of(worker, most_waiting=3)
    worker.go.clear()
    first = asyncio.create_task(lane.serve(0))
    await asyncio.sleep(0.01)
    for _ in range(10):
        gone = asyncio.create_task(lane.serve(7))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    stays = asyncio.create_task(lane.serve(5))
    await asyncio.sleep(0.01)
    worker.go.set()
    assert [await first, await stays] == [0, 10]


async def test_those_behind_callers_that_went_away_are_served() -> None:
    worker = Worker()
    lane = lane_of(worker, largest=2)
    worker.go.clear()
    first = asyncio.create_task(lane.serve(0))
    await asyncio.sleep(0.01)
    gone = [asyncio.create_task(lane.serve(7)) for _ in range(4)]
    stays = asyncio.create_task(lane.serve(5))
    await asyncio.sleep(0.01)
    worker.go.set()
    for one in gone:
        one.cancel()
    assert [await first, await asyncio.wait_for(stays, 10)] == [0, 10]


async def test_finishing_waits_for_everybody() -> None:
    worker = Worker()
    lane = lane_of(worker, largest=1)
    worker.go.clear()
    tasks = [asyncio.create_task(lane.serve(ask)) for ask in (1, 2, 3)]
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.02, worker.go.set)
    await lane.finish()
    assert all(task.done() for task in tasks) or await asyncio.gather(*tasks) == [2, 4, 6]


async def test_a_worker_that_is_cancelled_leaves_nobody_waiting() -> None:
    worker = Worker()
    lane = lane_of(worker)
    worker.go.clear()
    tasks = [asyncio.create_task(lane.serve(1))]
    await asyncio.sleep(0.01)
    tasks.append(asyncio.create_task(lane.serve(2)))
    await asyncio.sleep(0.01)
    for working in list(lane._busy):
        working.cancel()
    answers = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert [type(answer) for answer in answers] == [StoreError, StoreError]
