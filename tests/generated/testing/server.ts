/** The demo that the tests run against, which whoever starts them has started. */
const address = process.env.DIPTYCH_ADDRESS
if (!address) throw new Error('DIPTYCH_ADDRESS must name a running demo')

export const server: string = address
export const endpoint = `${server}/graphql`

let made = 0

/** Makes a stock item that no other test uses; returns its key. Its version is 1. */
export async function newItem(quantity: number, location: string | null = 'A1'): Promise<number> {
  made += 1
  const body = JSON.stringify({ sku: `${process.pid}-${made}`, name: 'Washer', quantity, location })
  const answer = await fetch(`${server}/api/stock-items`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
  if (answer.status !== 201) throw new Error(await answer.text())
  const { id } = (await answer.json()) as { id: number }
  return id
}

/** What somebody else does in between. */
export async function setQuantity(id: number, version: number, quantity: number): Promise<void> {
  const answer = await fetch(`${server}/api/stock-items/${id}`, {
    method: 'PATCH',
    body: JSON.stringify({ quantity }),
    headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': `"${version}"` },
  })
  if (answer.status !== 200) throw new Error(await answer.text())
}

export interface Line {
  fetch: typeof globalThis.fetch
  /** How many requests have gone over it. */
  sent: number
}

/** A line to the server on which the answer to one kind of request is lost once; the request itself arrives. */
export function losing(isLost: (body: string, method: string) => boolean): Line {
  let lost = false
  const line: Line = {
    sent: 0,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const body = await request.clone().text()
      line.sent += 1
      const answer = await fetch(request)
      if (lost || !isLost(body, request.method)) return answer
      lost = true
      await answer.arrayBuffer()
      throw new TypeError('the connection was lost')
    },
  }
  return line
}
