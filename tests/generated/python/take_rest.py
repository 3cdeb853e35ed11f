"""Takes pieces off a stock item through REST, with the client that openapi-python-client makes."""

from shop_rest import Client
from shop_rest.api.stock_item import get_stock_item, patch_stock_item
from shop_rest.models import PatchStockItem, StockItem, StockItemVersionMismatchProblem


def take(client: Client, id: int, count: int) -> int:
    """Take some pieces; returns how many are left. Whoever is overtaken works it out anew."""
    item = get_stock_item.sync(id, client=client)
    while isinstance(item, StockItem):
        if item.quantity < count:
            raise ValueError("not enough left")
        patch = PatchStockItem(quantity=item.quantity - count)
        match patch_stock_item.sync(id, client=client, body=patch, if_match=f'"{item.version}"'):
            case StockItem(quantity=left):
                return left
            case StockItemVersionMismatchProblem(current=current):
                item = current
            case problem:
                raise RuntimeError(getattr(problem, "detail", "the server gave no answer that can be read"))
    raise LookupError("there is no such item")
