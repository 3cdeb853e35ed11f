import type { Send } from './send'
import { PatchStockItem, ReadStockItem } from './stock'

/** Takes some pieces off a stock item; returns how many are left. Whoever is overtaken works it out anew. */
export async function take(send: Send, id: string, count: number): Promise<number> {
  let { stockItem } = await send(ReadStockItem, { id })
  while (stockItem) {
    if (stockItem.quantity < count) throw new Error('not enough left')
    const patch = { quantity: stockItem.quantity - count }
    const { patchStockItem: result } = await send(PatchStockItem, { id, version: stockItem.version, patch })
    switch (result?.__typename) {
      case 'StockItemWritten':
        return result.stockItem.quantity
      case 'StockItemVersionMismatch':
        stockItem = result.current
        break
      default:
        throw new Error(result?.detail ?? 'The answer holds an error in its place.')
    }
  }
  throw new Error('The item is gone.')
}
