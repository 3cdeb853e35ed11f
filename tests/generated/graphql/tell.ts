import type { Patched } from './stock'

/** Puts any answer to a patch into words. A refusal that is added to the schema does not compile until it is told here. */
export function tell(result: Patched): string {
  switch (result.__typename) {
    case 'StockItemWritten':
      return `${result.outcome.toLowerCase()}: ${result.stockItem.quantity} left`
    case 'StockItemVersionMismatch':
      return result.current ? `somebody else left ${result.current.quantity}` : 'somebody else deleted it'
    case 'Invalid':
      return result.violations.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')
    case 'NotFound':
    case 'VersionExhausted':
    case 'UniqueConflict':
    case 'ReferenceConflict':
    case 'PatchConflict':
    case 'PatchInvalid':
      return result.detail
    default:
      return result satisfies never
  }
}
