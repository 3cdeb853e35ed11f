import { useState } from 'react'
import type { ShelfFragment } from '../generated/graphql/graphql'
import { tell } from '../graphql/tell'
import { usePatch } from './usePatch'

/** Takes one piece. That is a rule, so whoever is overtaken works it out anew and nobody needs to be asked. */
export function TakeOne({ item }: { item: ShelfFragment }) {
  const [patch, saving] = usePatch()
  const [refusal, setRefusal] = useState('')

  async function take() {
    let row: ShelfFragment | null = item
    try {
      while (row && row.quantity > 0) {
        const result = await patch(row, { quantity: row.quantity - 1 })
        if (result.__typename === 'StockItemWritten') return setRefusal('')
        if (result.__typename !== 'StockItemVersionMismatch') return setRefusal(tell(result))
        row = result.current
      }
      setRefusal(row ? 'None left.' : 'The item is gone.')
    } catch {
      // It may have counted or not, so nothing is sent again; the page goes back to what was there before.
      setRefusal('No answer came. Look again before you take one.')
    }
  }

  return (
    <p>
      <output>{item.quantity}</output>
      <button type="button" disabled={saving} onClick={take}>
        Take one
      </button>
      {refusal && <span role="alert">{refusal}</span>}
    </p>
  )
}
