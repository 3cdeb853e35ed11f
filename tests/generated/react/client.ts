import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
import introspection from '../generated/possibleTypes'

/** `fetch` is a parameter so that it can add credentials. */
export function newClient(uri: string, fetch: typeof globalThis.fetch = globalThis.fetch): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri, fetch }),
    cache: new InMemoryCache({ possibleTypes: introspection.possibleTypes }),
  })
}
