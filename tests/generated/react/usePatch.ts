import { useMutation } from '@apollo/client/react'
import type { ShelfFragment } from '../generated/graphql/graphql'
import { type Patched, PatchStockItem } from '../graphql/stock'

type Change = Partial<Pick<ShelfFragment, 'name' | 'quantity' | 'location'>>

/**
 * Patches a row as it is shown. The change is seen at once; what the server answers takes its place. A refusal as stale
 * carries the row as it is now, which Apollo puts into its cache, so the page shows that without asking again.
 */
export function usePatch(): [patch: (row: ShelfFragment, change: Change) => Promise<Patched>, saving: boolean] {
  const [send, { loading }] = useMutation(PatchStockItem)
  const patch = async (row: ShelfFragment, change: Change): Promise<Patched> => {
    const { data } = await send({
      variables: { id: row.id, version: row.version, patch: change },
      optimisticResponse: {
        patchStockItem: { __typename: 'StockItemWritten', outcome: 'PATCHED', stockItem: { ...row, ...change } },
      },
    })
    if (!data?.patchStockItem) throw new Error('The answer holds an error in its place.')
    return data.patchStockItem
  }
  return [patch, loading]
}
