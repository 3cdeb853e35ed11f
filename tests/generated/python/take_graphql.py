"""Takes pieces off a stock item through GraphQL, with the client that ariadne-codegen makes."""

from shop_graphql import Client, PatchStockItemInput


def take(client: Client, id: str, count: int) -> int:
    """Take some pieces; returns how many are left. Whoever is overtaken works it out anew."""
    item = client.read_stock_item(id).stock_item
    while item is not None:
        if item.quantity < count:
            raise ValueError("not enough left")
        patch = PatchStockItemInput(quantity=item.quantity - count)
        match client.patch_stock_item(id, item.version, patch).patch_stock_item:
            case None:
                raise RuntimeError("the answer holds an error in its place")
            case result if result.typename__ == "StockItemWritten":
                return result.stock_item.quantity
            case result if result.typename__ == "StockItemVersionMismatch":
                item = result.current
            case result:
                raise RuntimeError(result.detail)
    raise LookupError("the item is gone")
