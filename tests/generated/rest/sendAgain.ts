type Fetch = typeof globalThis.fetch

/** A write was sent twice, and the second one was refused as stale: by somebody else's write, or by the first one. */
export class Uncertain extends Error {
  /** `answer` is the refusal, whose content has the row as it is now. */
  constructor(readonly answer: Response) {
    super('The answer was lost, and the row has moved on since.')
  }
}

/**
 * Sends a request once more where the answer was lost or the database was busy, if it cannot do its work twice.
 * A write that names a version cannot: if the first one counted, the second is refused. Throws Uncertain then.
 */
export function sendAgain(fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const again = request.clone()
    let wait = 1
    try {
      const answer = await fetch(request)
      if (answer.status !== 503) return answer
      wait = Number(answer.headers.get('Retry-After') ?? wait)
    } catch (error) {
      if (!cannotCountTwice(request)) throw error
      const answer = await fetch(again)
      if ([409, 412].includes(answer.status)) throw new Uncertain(answer)
      return answer
    }
    // The database was busy and nothing was written, so anything may be sent again.
    await new Promise((resolve) => setTimeout(resolve, wait * 1000))
    return fetch(again)
  }
}

function cannotCountTwice(request: Request): boolean {
  const { method, headers } = request
  if (headers.has('If-Match')) return true
  if (method === 'PATCH') return headers.get('Content-Type') === 'application/merge-patch+json'
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)
}
