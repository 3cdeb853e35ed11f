import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'

/** Sends an operation and returns its data; the types of both are those of the document. */
export type Send = <Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables: Variables) => Promise<Result>

/** `fetch` is a parameter so that it can add credentials, or send again. Throws what the server calls an error. */
export function sendTo(url: string, fetch: typeof globalThis.fetch = globalThis.fetch): Send {
  return async (document, variables) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: print(document), variables }),
    })
    const { data, errors, detail } = await answer.json()
    if (errors) throw new Error(errors.map((error: { message: string }) => error.message).join('; '))
    // What is refused before it is read as GraphQL, such as too large a body, is a problem as on REST.
    if (!data) throw new Error(detail)
    return data
  }
}
