import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from '../generated/rest'

export type Api = Client<paths>
export type StockItem = components['schemas']['StockItem']

/** `fetch` is a parameter so that it can add credentials, or send again. */
export function connect(baseUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch): Api {
  return createClient<paths>({ baseUrl, fetch })
}
