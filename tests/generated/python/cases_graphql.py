"""What the client made by ariadne-codegen does against the demo."""

import unittest
from typing import Any

import httpx
from lines import ADDRESS, Disturbed, lose, new_item, set_quantity
from shop_graphql import Client, PatchStockItemInput
from shop_graphql.exceptions import GraphQLClientGraphQLMultiError
from take_graphql import take


class Cases(unittest.TestCase):
    def setUp(self) -> None:
        self.number = new_item(10)
        self.key = str(self.number)

    def connect(self, transport: httpx.HTTPTransport | None = None) -> Client:
        # The protocol that the generator writes down asks for less than httpx has, in words that httpx does not match.
        http_client: Any = httpx.Client(transport=transport)
        return self.enterContext(Client(f"{ADDRESS}/graphql", http_client=http_client))

    def test_a_conflict_carries_the_row_as_it_is_now(self) -> None:
        set_quantity(self.number, 1, 7)
        result = self.connect().patch_stock_item(self.key, 1, PatchStockItemInput(quantity=9)).patch_stock_item
        assert result is not None
        assert result.typename__ == "StockItemVersionMismatch"
        assert result.current is not None
        assert (result.current_version, result.current.quantity) == (2, 7)

    def test_whoever_is_overtaken_works_it_out_anew(self) -> None:
        line = Disturbed(lambda: set_quantity(self.number, 1, 8))
        assert take(self.connect(line), self.key, 3) == 5
        assert line.sent == 3

    def test_what_is_left_out_stays_and_none_clears(self) -> None:
        left = self.connect().patch_stock_item(self.key, 1, PatchStockItemInput(quantity=9)).patch_stock_item
        assert left is not None
        assert left.typename__ == "StockItemWritten"
        assert left.stock_item.location == "A1"
        cleared = self.connect().patch_stock_item(self.key, 2, PatchStockItemInput(location=None)).patch_stock_item
        assert cleared is not None
        assert cleared.typename__ == "StockItemWritten"
        assert cleared.stock_item.location is None

    def test_a_write_whose_answer_was_lost_counts_once(self) -> None:
        client = self.connect(Disturbed(lose))
        patch = PatchStockItemInput(quantity=9)
        with self.assertRaises(httpx.ReadError):
            client.patch_stock_item(self.key, 1, patch)
        result = client.patch_stock_item(self.key, 1, patch).patch_stock_item
        assert result is not None
        assert result.typename__ == "StockItemVersionMismatch"
        assert result.current is not None
        assert (result.current.version, result.current.quantity) == (2, 9)

    def test_a_delete_that_is_sent_again_finds_nothing(self) -> None:
        for expected in ("StockItemDeleted", "NotFound"):
            result = self.connect().delete_stock_item(self.key, 1).delete_stock_item
            assert result is not None
            assert result.typename__ == expected

    def test_without_a_version_the_server_refuses_as_well(self) -> None:
        # What a program without a type checker might send.
        with self.assertRaisesRegex(GraphQLClientGraphQLMultiError, "version"):
            self.connect().delete_stock_item(self.key, None)  # type: ignore[arg-type]
