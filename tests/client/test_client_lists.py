"""Pages, all rows, and streams, while rows come and while connections break."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from diptych import Bridge
from diptych.client import AnswerLost, BadAnswer, Invalid, Retries, StreamCut
from diptych.resource import read_resources
from diptych.semantics.command import Create
from diptych.semantics.outcome import Written
from diptych.service.execute import Service
from tests.client.canned import Canned, answer
from tests.client.conftest import AnyClient, Connect, Serving
from tests.client.proxy import Proxy
from tests.client.shop import RESOURCES, Hamper, Missive

MANY = 250


async def fill(service: Service) -> None:
    shape = next(shape for shape in read_resources(RESOURCES) if shape.name == "Hamper")
    for number in range(MANY):
        assert isinstance(await service.write(shape, Create({"quantity": number})), Written)


@pytest.fixture
def server(database_url: str) -> Iterator[Serving]:
    """A server with rows in it."""
    serving = Serving(Bridge(database_url, RESOURCES, on_open=fill))
    yield serving
    serving.stop()


@pytest.fixture
def hampers(client: AnyClient) -> Any:
    return client.resource(Hamper, "hampers")


def test_all_rows_while_rows_come(hampers: Any) -> None:
    """Each row that was there comes once, in the order of keys; of those that come meanwhile, the later ones too."""
    seen = []
    for number, row in enumerate(hampers.iterate(size=50)):
        seen.append(row.key)
        if number % 40 == 0:
            hampers.create(quantity=1000 + number)
    assert seen == sorted(set(seen))
    assert len(seen) >= MANY + 6


def test_pages_one_by_one(hampers: Any) -> None:
    first = hampers.page(size=100, total=True)
    assert (len(first), first.total, first.has_next, first.has_previous) == (100, MANY, True, False)
    second = hampers.page(size=100, after=first.end_cursor)
    assert (second.rows[0].value.quantity, second.total, second.has_previous) == (100, None, True)
    back = hampers.page(size=100, before=second.start_cursor)
    assert back.rows == first.rows
    falling = hampers.page(where={"quantity": {"lt": 5}}, order=["-quantity"], size=3)
    assert [row.value.quantity for row in falling] == [4, 3, 2]
    assert [row.value.quantity for row in hampers.iterate(where={"quantity": {"lt": 5}}, order=["-quantity"], size=2)] == [4, 3, 2, 1, 0]
    with pytest.raises(Invalid) as refused:
        hampers.page(size=1000)
    assert [each.code for each in refused.value.violations] == ["too_large"]


def test_a_stream_is_all_rows(hampers: Any) -> None:
    assert [row.value.quantity for row in hampers.stream()] == list(range(MANY))
    assert [row.value.quantity for row in hampers.stream(where={"quantity": {"gte": 245}}, order=["-quantity"])] == [
        249,
        248,
        247,
        246,
        245,
    ]
    # One that is left early leaves nothing behind that would hold up the next.
    assert [row.value.quantity for row in islice(hampers.stream(), 3)] == [0, 1, 2]
    assert hampers.page(size=1).rows[0].value.quantity == 0


def test_lines_end_at_line_feeds_only(client: AnyClient) -> None:
    missives = client.resource(Missive, "missives")
    title = "one\u2028two\u2029three\x85four\x0bfive\x1csix\r\nseven"
    for key in ("a", "ä/\u2028"):
        missives.create(id=key, title=title)
    assert [(row.key, row.value.title) for row in missives.stream()] == [("a", title), ("ä/\u2028", title)]


def test_a_stream_that_is_cut_goes_on(hampers: Any, connect: Connect, proxy: Proxy) -> None:
    through = connect(proxy.url, retries=Retries(attempts=6, first_wait=0.001)).resource(Hamper, "hampers")
    proxy.cut_answers = [3000, 5000, 0, 4000]
    assert [row.value.quantity for row in through.stream(where={"quantity": {"gte": 10}})] == list(range(10, MANY))
    assert proxy.cut_answers == []


@pytest.mark.parametrize("speak", ["rest"])
def test_a_stream_in_another_order_does_not_go_on(hampers: Any, connect: Connect, proxy: Proxy) -> None:
    through = connect(proxy.url).resource(Hamper, "hampers")
    proxy.cut_answers = [5000]
    received = []
    with pytest.raises(StreamCut) as cut:
        received.extend(through.stream(order=["-quantity"]))
    assert 0 < cut.value.received < MANY
    assert "connection broke" in str(cut.value)


@pytest.mark.parametrize("speak", ["rest"])
def test_a_stream_that_is_always_cut_ends(hampers: Any, connect: Connect, proxy: Proxy) -> None:
    through = connect(proxy.url).resource(Hamper, "hampers")
    proxy.cut_answers = [5000, *[20] * 50]
    with pytest.raises(StreamCut) as cut:
        list(through.stream())
    assert 0 < cut.value.received < MANY
    # One that never begins has no rows to tell of.
    with pytest.raises(AnswerLost):
        list(through.stream())


@pytest.mark.parametrize("speak", ["rest"])
def test_a_line_that_is_no_row(connect: Connect, canned: Callable[..., Canned]) -> None:
    said = canned(answer(200, b'{"id": 1, "quantity"\n', kind="application/x-ndjson"))
    with pytest.raises(BadAnswer, match="is no row"):
        list(connect(said.url).resource(Hamper, "hampers").stream())


@pytest.mark.parametrize("speak", ["rest"])
def test_a_stream_that_is_refused(connect: Connect, server: Serving) -> None:
    with pytest.raises(Invalid) as refused:
        list(connect(server.url).resource(Missive, "missives").stream(order=["colour"]))
    assert [each.pointer for each in refused.value.violations] == ["/order/0"]
