import type { Api } from './client'
import { patchStockItem } from './patch'

/** Takes some pieces off a stock item; returns how many are left. Whoever is overtaken works it out anew. */
export async function take(api: Api, id: number, count: number): Promise<number> {
  const { data, error } = await api.GET('/api/stock-items/{id}', { params: { path: { id } } })
  if (!data) throw new Error(error?.detail ?? 'The server gave no answer that can be read.')
  let row = data
  for (;;) {
    if (row.quantity < count) throw new Error('not enough left')
    const patched = await patchStockItem(api, row, { quantity: row.quantity - count })
    if (patched.done) return patched.row.quantity
    if (patched.why === 'refused') throw new Error(patched.detail)
    if (!patched.current) throw new Error('The item is gone.')
    row = patched.current
  }
}
