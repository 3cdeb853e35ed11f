import type { components } from '../generated/rest'
import type { Api, StockItem } from './client'

type Change = components['schemas']['PatchStockItem']

export type Patched =
  | { done: true; row: StockItem }
  | { done: false; why: 'stale'; current: StockItem | null }
  | { done: false; why: 'refused'; code: string; detail: string }

/** Changes some members of a row as it was read. A member that is left out stays; null clears it. */
export async function patchStockItem(api: Api, row: StockItem, change: Change): Promise<Patched> {
  const { data, error } = await api.PATCH('/api/stock-items/{id}', {
    params: { path: { id: row.id }, header: { 'If-Match': `"${row.version}"` } },
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: change,
  })
  if (data) return { done: true, row: data }
  // The code narrows the union of problems, and `current` is there to be read.
  if (error?.code === 'version_mismatch') return { done: false, why: 'stale', current: error.current }
  return { done: false, why: 'refused', code: error?.code ?? '', detail: error?.detail ?? '' }
}
