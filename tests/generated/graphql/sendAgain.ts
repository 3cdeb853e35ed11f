import type { PatchStockItemInput } from '../generated/graphql/graphql'
import type { Send } from './send'
import { type Patched, PatchStockItem } from './stock'

/**
 * Patches, and sends once more where the answer was lost. The version keeps it from counting twice: if it did arrive, the
 * repetition is refused as stale, with a row that is one version on and as we wanted it. Right for a change that says
 * what should be there; one that depends on what was there, such as taking some, may not be taken for done so easily.
 */
export async function patchForSure(send: Send, id: string, version: number, patch: PatchStockItemInput): Promise<Patched | 'done'> {
  const once = () => send(PatchStockItem, { id, version, patch })
  let repeated = false
  const { patchStockItem: result } = await once().catch(() => {
    repeated = true
    return once()
  })
  if (!result) throw new Error('The answer holds an error in its place.')
  if (repeated && result.__typename === 'StockItemVersionMismatch' && result.currentVersion === version + 1) {
    const current: Record<string, unknown> = { ...result.current }
    if (Object.entries(patch).every(([name, value]) => current[name] === value)) return 'done'
  }
  return result
}
