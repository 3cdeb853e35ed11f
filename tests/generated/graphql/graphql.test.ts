import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint, losing, newItem, setQuantity } from '../testing/server'
import { type Send, sendTo } from './send'
import { patchForSure } from './sendAgain'
import { DeleteStockItem, PatchStockItem, ReadStockItem } from './stock'
import { take } from './take'
import { tell } from './tell'

const send = sendTo(endpoint)

async function patched(id: number, version: number, patch: Record<string, unknown>) {
  const { patchStockItem } = await send(PatchStockItem, { id: String(id), version, patch })
  assert(patchStockItem)
  return patchStockItem
}

test('graphql: a conflict carries the row as it is now', async () => {
  const id = await newItem(10)
  await setQuantity(id, 1, 7)
  const result = await patched(id, 1, { quantity: 9 })
  assert(result.__typename === 'StockItemVersionMismatch')
  assert.equal(result.currentVersion, 2)
  assert.deepEqual(result.current, { __typename: 'StockItem', id: String(id), name: 'Washer', quantity: 7, location: 'A1', version: 2 })
  assert.equal(tell(result), 'somebody else left 7')
})

test('graphql: whoever is overtaken works it out anew', async () => {
  const id = await newItem(10)
  let overtaken = false
  const crowded: Send = async (document, variables) => {
    const data = await send(document, variables)
    if (!overtaken) {
      overtaken = true
      await setQuantity(id, 1, 8)
    }
    return data
  }
  assert.equal(await take(crowded, String(id), 3), 5)
  assert(overtaken)
})

test('graphql: nobody takes twice when several take at once', async () => {
  const id = await newItem(10)
  await Promise.all([1, 2, 3].map((count) => take(send, String(id), count)))
  const { stockItem } = await send(ReadStockItem, { id: String(id) })
  assert.equal(stockItem?.quantity, 4)
  assert.equal(stockItem.version, 4)
})

test('graphql: what is left out stays, null clears', async () => {
  const id = await newItem(10)
  const left = await patched(id, 1, { quantity: 9, location: undefined })
  assert(left.__typename === 'StockItemWritten')
  assert.equal(left.stockItem.location, 'A1')
  const cleared = await patched(id, 2, { location: null })
  assert(cleared.__typename === 'StockItemWritten')
  assert.equal(cleared.stockItem.location, null)
})

test('graphql: null is refused where a field cannot be null', async () => {
  const result = await patched(await newItem(10), 1, { quantity: null })
  assert.equal(result.__typename, 'Invalid')
  assert.match(tell(result), /^\/quantity: /)
})

test('graphql: a lost answer is made good by sending again', async () => {
  const id = await newItem(10)
  const line = losing((body) => body.includes('mutation'))
  assert.equal(await patchForSure(sendTo(endpoint, line.fetch), String(id), 1, { quantity: 9 }), 'done')
  assert.equal(line.sent, 2)
  const { stockItem } = await send(ReadStockItem, { id: String(id) })
  assert.deepEqual([stockItem?.quantity, stockItem?.version], [9, 2])
})

test('graphql: a conflict is no lost answer', async () => {
  const id = await newItem(10)
  await setQuantity(id, 1, 9)
  const line = losing((body) => body.includes('mutation'))
  const result = await patchForSure(sendTo(endpoint, line.fetch), String(id), 1, { quantity: 8 })
  assert(result !== 'done')
  assert.equal(tell(result), 'somebody else left 9')
})

test('graphql: a delete that is sent again finds nothing', async () => {
  const id = String(await newItem(10))
  const first = await send(DeleteStockItem, { id, version: 1 })
  assert.deepEqual(first.deleteStockItem, { __typename: 'StockItemDeleted', id, version: 1 })
  const second = await send(DeleteStockItem, { id, version: 1 })
  assert.equal(second.deleteStockItem?.__typename, 'NotFound')
})

test('graphql: without a version the server refuses as well', async () => {
  const id = String(await newItem(10))
  const untyped: { id: string; version: number } = JSON.parse(JSON.stringify({ id }))
  await assert.rejects(send(DeleteStockItem, untyped), /version/)
})

test('graphql: what is refused before it is read is told as well', async () => {
  const patch = { name: 'x'.repeat(2 ** 21) }
  await assert.rejects(send(PatchStockItem, { id: '1', version: 1, patch }), /bytes|large/)
})
