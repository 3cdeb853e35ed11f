// Each line below a `refused` must not compile, and for the reason that is told.
import { type Send } from '../graphql/send'
import { DeleteStockItem, type Patched, PatchStockItem } from '../graphql/stock'

export async function forgetTheVersion(send: Send): Promise<void> {
  // refused: Property 'version' is missing
  await send(PatchStockItem, { id: '1', patch: { quantity: 1 } })
  // refused: Property 'version' is missing
  await send(DeleteStockItem, { id: '1' })
  // refused: Type 'null' is not assignable to type 'number'
  await send(DeleteStockItem, { id: '1', version: null })
}

export async function misspell(send: Send): Promise<void> {
  // refused: 'quantaty' does not exist in type
  await send(PatchStockItem, { id: '1', version: 1, patch: { quantaty: 1 } })
}

export function readWithoutAsking(result: Patched): number {
  // refused: Property 'stockItem' does not exist on type
  return result.stockItem.quantity
}

export function forgetARefusal(result: Patched): string {
  switch (result.__typename) {
    case 'StockItemWritten':
    case 'StockItemVersionMismatch':
    case 'Invalid':
    case 'NotFound':
    case 'VersionExhausted':
    case 'UniqueConflict':
    case 'ReferenceConflict':
    case 'PatchConflict':
      return result.__typename
    default:
      // refused: does not satisfy the expected type 'never'
      return result satisfies never
  }
}

export function forgetThatItMayBeGone(result: Patched): number {
  // refused: 'result.current' is possibly 'null'
  return result.__typename === 'StockItemVersionMismatch' ? result.current.quantity : 0
}
