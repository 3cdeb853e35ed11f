// Each line below a `refused` must not compile, and for the reason that is told.
import type { Api } from '../rest/client'

export async function forgetTheCondition(api: Api): Promise<void> {
  // refused: Property 'header' is missing
  await api.DELETE('/api/stock-items/{id}', { params: { path: { id: 1 } } })
}

export async function forgetAField(api: Api): Promise<void> {
  // refused: Property 'quantity' is missing
  await api.POST('/api/stock-items', { body: { sku: 'A', name: 'A' } })
}

export async function clearWhatCannotBe(api: Api): Promise<void> {
  const params = { path: { id: 1 }, header: { 'If-Match': '"1"' } }
  // refused: Type 'null' is not assignable to type 'number | undefined'
  await api.PATCH('/api/stock-items/{id}', { params, body: { quantity: null } })
}

export async function sendText(api: Api): Promise<void> {
  const params = { path: { id: 1 } }
  // refused: Type 'string' is not assignable to type 'number'
  await api.PUT('/api/stock-items/{id}', { params, body: { sku: 'A', name: 'A', quantity: '1' } })
}

export async function readWithoutAsking(api: Api): Promise<void> {
  const { data, error } = await api.GET('/api/stock-items/{id}', { params: { path: { id: 1 } } })
  // refused: 'data' is possibly 'undefined'
  data.quantity.toFixed()
  // refused: Property 'current' does not exist on type
  error?.current?.toString()
}
