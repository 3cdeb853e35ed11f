"""What the client made by openapi-python-client does against the demo."""

import unittest

import httpx
from lines import ADDRESS, Disturbed, lose, new_item, set_quantity
from shop_rest import Client
from shop_rest.api.document import replace_document
from shop_rest.api.stock_item import delete_stock_item, get_stock_item, list_stock_items, patch_stock_item
from shop_rest.models import (
    Document,
    PatchStockItem,
    PreconditionRequiredProblem,
    ReplaceDocument,
    StockItem,
    StockItemPage,
    StockItemVersionMismatchProblem,
)
from take_rest import take


class Cases(unittest.TestCase):
    def setUp(self) -> None:
        self.key = new_item(10)

    def connect(self, transport: httpx.HTTPTransport | None = None) -> Client:
        client = Client(base_url=ADDRESS)
        if transport is not None:
            client.set_httpx_client(httpx.Client(base_url=ADDRESS, transport=transport))
        return self.enterContext(client)

    def read(self) -> StockItem:
        item = get_stock_item.sync(self.key, client=self.connect())
        assert isinstance(item, StockItem)
        return item

    def test_a_412_carries_the_row_as_it_is_now(self) -> None:
        set_quantity(self.key, 1, 7)
        answer = patch_stock_item.sync_detailed(self.key, client=self.connect(), body=PatchStockItem(quantity=9), if_match='"1"')
        assert answer.status_code == 412
        assert isinstance(answer.parsed, StockItemVersionMismatchProblem)
        assert answer.parsed.current == self.read()
        assert answer.parsed.current_version == 2

    def test_a_write_without_a_condition_is_refused(self) -> None:
        problem = patch_stock_item.sync(self.key, client=self.connect(), body=PatchStockItem(quantity=9))
        assert isinstance(problem, PreconditionRequiredProblem)

    def test_whoever_is_overtaken_works_it_out_anew(self) -> None:
        line = Disturbed(lambda: set_quantity(self.key, 1, 8))
        assert take(self.connect(line), self.key, 3) == 5
        assert line.sent == 3

    def test_what_is_left_out_stays_and_none_clears(self) -> None:
        left = patch_stock_item.sync(self.key, client=self.connect(), body=PatchStockItem(quantity=9), if_match='"1"')
        assert isinstance(left, StockItem)
        assert left.location == "A1"
        cleared = patch_stock_item.sync(self.key, client=self.connect(), body=PatchStockItem(location=None), if_match='"2"')
        assert isinstance(cleared, StockItem)
        assert cleared.location is None

    def test_a_write_whose_answer_was_lost_counts_once(self) -> None:
        client = self.connect(Disturbed(lose))
        patch = PatchStockItem(quantity=9)
        with self.assertRaises(httpx.ReadError):
            patch_stock_item.sync(self.key, client=client, body=patch, if_match='"1"')
        again = patch_stock_item.sync(self.key, client=client, body=patch, if_match='"1"')
        assert isinstance(again, StockItemVersionMismatchProblem)
        assert isinstance(again.current, StockItem)
        assert (again.current.version, again.current.quantity) == (2, 9)

    def test_a_replace_without_a_condition_may_be_sent_again(self) -> None:
        client = self.connect(Disturbed(lose))
        name, document = f"again-{self.key}", ReplaceDocument(title="Again")
        with self.assertRaises(httpx.ReadError):
            replace_document.sync(name, client=client, body=document)
        again = replace_document.sync(name, client=client, body=document)
        assert isinstance(again, Document)
        assert again.version == 1

    def test_a_list_takes_a_condition_as_json_text(self) -> None:
        page = list_stock_items.sync(client=self.connect(), where=f'{{"id": {{"eq": {self.key}}}}}')
        assert isinstance(page, StockItemPage)
        assert page.items == [self.read()]

    def test_a_delete_names_the_version(self) -> None:
        for tag, expected in (('"9"', 412), ('"1"', 204), ('"1"', 404)):
            answer = delete_stock_item.sync_detailed(self.key, client=self.connect(), if_match=tag)
            assert answer.status_code == expected
