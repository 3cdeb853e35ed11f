import { type FormEvent, useState } from 'react'
import type { ShelfFragment } from '../generated/graphql/graphql'
import { tell } from '../graphql/tell'
import { usePatch } from './usePatch'

/** What the person has typed, and the row as it was when they began to. */
type Draft = { text: string; base: ShelfFragment }

/** Edits what a person types, so where somebody else has changed the same, the person is asked and nothing typed is lost. */
export function EditLocation({ item }: { item: ShelfFragment }) {
  const [patch, saving] = usePatch()
  const [draft, setDraft] = useState<Draft | null>(null)
  const [refusal, setRefusal] = useState('')

  async function save({ text, base }: Draft) {
    let row = base
    try {
      for (;;) {
        const result = await patch(row, { location: text || null })
        if (result.__typename === 'StockItemWritten') {
          setDraft(null)
          return setRefusal('')
        }
        if (result.__typename !== 'StockItemVersionMismatch' || !result.current) return setRefusal(tell(result))
        row = result.current
        if (row.location !== base.location) {
          // Saved once more, it is made on what the person has now seen.
          setDraft({ text, base: row })
          return setRefusal(`Somebody else has put it at ${row.location ?? 'no place'}.`)
        }
        // Something else about the item has changed, which this leaves as it is.
      }
    } catch {
      setRefusal('No answer came. Save again.')
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    if (draft) void save(draft)
  }

  return (
    <form onSubmit={submit}>
      <label>
        Location{' '}
        <input
          value={draft?.text ?? item.location ?? ''}
          onChange={(event) => setDraft({ text: event.target.value, base: draft?.base ?? item })}
        />
      </label>
      <button disabled={saving || !draft}>{refusal ? 'Save mine all the same' : 'Save'}</button>
      {refusal && <span role="alert">{refusal}</span>}
    </form>
  )
}
