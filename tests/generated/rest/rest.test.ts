import assert from 'node:assert/strict'
import { test } from 'node:test'
import { losing, newItem, server, setQuantity } from '../testing/server'
import { connect } from './client'
import { patchStockItem } from './patch'
import { sendAgain, Uncertain } from './sendAgain'
import { take } from './take'

const api = connect(server)

async function item(id: number) {
  const { data, response } = await api.GET('/api/stock-items/{id}', { params: { path: { id } } })
  assert(data)
  assert.equal(response.headers.get('ETag'), `"${data.version}"`)
  return data
}

test('rest: a 412 carries the row as it is now', async () => {
  const row = await item(await newItem(10))
  await setQuantity(row.id, 1, 7)
  const { error, response } = await api.PATCH('/api/stock-items/{id}', {
    params: { path: { id: row.id }, header: { 'If-Match': '"1"' } },
    body: { quantity: 9 },
  })
  assert.equal(response.status, 412)
  assert(error?.code === 'version_mismatch')
  assert.equal(error.currentVersion, 2)
  assert.equal(error.current?.quantity, 7)
  assert.deepEqual(await patchStockItem(api, row, { quantity: 9 }), { done: false, why: 'stale', current: await item(row.id) })
})

test('rest: a version in the document is a condition as well', async () => {
  const row = await item(await newItem(10))
  await setQuantity(row.id, 1, 7)
  const { error, response } = await api.PUT('/api/stock-items/{id}', { params: { path: { id: row.id } }, body: row })
  assert.equal(response.status, 409)
  assert(error?.code === 'version_mismatch')
  assert.equal(error.current?.quantity, 7)
})

test('rest: a write without a condition is refused', async () => {
  const id = await newItem(10)
  const { error, response } = await api.PATCH('/api/stock-items/{id}', { params: { path: { id } }, body: { quantity: 9 } })
  assert.equal(response.status, 428)
  assert(error?.code === 'precondition_required')
})

test('rest: whoever is overtaken works it out anew', async () => {
  const id = await newItem(10)
  let overtaken = false
  const crowded: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!overtaken) {
      overtaken = true
      await setQuantity(id, 1, 8)
    }
    return answer
  }
  assert.equal(await take(connect(server, crowded), id, 3), 5)
  assert(overtaken)
})

test('rest: what is left out stays, null clears', async () => {
  const row = await item(await newItem(10))
  const left = await patchStockItem(api, row, { quantity: 9, location: undefined })
  assert(left.done)
  assert.deepEqual([left.row.quantity, left.row.location, left.row.version], [9, 'A1', 2])
  const cleared = await patchStockItem(api, left.row, { location: null })
  assert(cleared.done)
  assert.equal(cleared.row.location, null)
})

test('rest: a replace puts what is left out back to its default', async () => {
  const { id, sku, name, quantity } = await item(await newItem(10))
  const header = { 'If-Match': '"1"' }
  const { data } = await api.PUT('/api/stock-items/{id}', { params: { path: { id }, header }, body: { sku, name, quantity } })
  assert.equal(data?.location, null)
})

test('rest: a lost answer is asked for again, and the write counts once', async () => {
  const row = await item(await newItem(10))
  const line = losing((_, method) => method === 'PATCH')
  const patched = patchStockItem(connect(server, sendAgain(line.fetch)), row, { quantity: 9 })
  const error = await patched.catch((thrown: unknown) => thrown)
  assert(error instanceof Uncertain)
  const { current } = await error.answer.json()
  assert.deepEqual(current, { ...row, quantity: 9, version: 2 })
  assert.equal(line.sent, 2)
})

test('rest: nobody takes twice because an answer was lost', async () => {
  const id = await newItem(10)
  const line = losing((_, method) => method === 'PATCH')
  await assert.rejects(take(connect(server, sendAgain(line.fetch)), id, 3), Uncertain)
  assert.equal((await item(id)).quantity, 7)
})

test('rest: nobody takes a version in the document for safe either', async () => {
  const row = await item(await newItem(10))
  const line = losing((_, method) => method === 'PUT')
  const sent = { params: { path: { id: row.id } }, body: { ...row, quantity: 9 } }
  await assert.rejects(connect(server, sendAgain(line.fetch)).PUT('/api/stock-items/{id}', sent), Uncertain)
  assert.equal((await item(row.id)).version, 2)
})

test('rest: a replace without a condition may be sent again', async () => {
  const key = `again-${process.pid}`
  const line = losing((_, method) => method === 'PUT')
  const sent = { params: { path: { id: key } }, body: { title: 'Again' } }
  const { data, response } = await connect(server, sendAgain(line.fetch)).PUT('/api/documents/{id}', sent)
  assert.equal(line.sent, 2)
  assert.equal(response.status, 200)
  assert.deepEqual([data?.title, data?.version], ['Again', 1])
})

test('rest: a create is not sent again', async () => {
  const line = losing((_, method) => method === 'POST')
  const body = { sku: `once-${process.pid}`, name: 'Rivet', quantity: 1 }
  await assert.rejects(connect(server, sendAgain(line.fetch)).POST('/api/stock-items', { body }), /lost/)
  assert.equal(line.sent, 1)
})

test('rest: a busy server is asked again', async () => {
  const row = await item(await newItem(10))
  let busy = true
  const queued: typeof fetch = async (input, init) => {
    if (!busy) return fetch(input, init)
    busy = false
    return new Response(null, { status: 503, headers: { 'Retry-After': '0' } })
  }
  const patched = await patchStockItem(connect(server, sendAgain(queued)), row, { quantity: 9 })
  assert(patched.done)
  assert.equal(patched.row.version, 2)
})

test('rest: a delete names the version', async () => {
  const id = await newItem(10)
  const stale = await api.DELETE('/api/stock-items/{id}', { params: { path: { id }, header: { 'If-Match': '"9"' } } })
  assert.equal(stale.response.status, 412)
  const gone = await api.DELETE('/api/stock-items/{id}', { params: { path: { id }, header: { 'If-Match': '"1"' } } })
  assert.equal(gone.response.status, 204)
})
