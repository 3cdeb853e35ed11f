import { ApolloProvider } from '@apollo/client/react'
import { cleanup, configure, fireEvent, render, waitFor } from '@testing-library/react'
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { endpoint, losing, newItem, setQuantity } from '../testing/server'
import { sendTo } from '../graphql/send'
import { PatchStockItem, ReadStockItem } from '../graphql/stock'
import { newClient } from './client'
import { Shelf } from './Shelf'

// Milliseconds that a busy machine may take to answer.
configure({ asyncUtilTimeout: 20_000 })
afterEach(cleanup)

const send = sendTo(endpoint)

/** A page with one item, and what its reader sees and does. */
async function open(id: number, fetch: typeof globalThis.fetch = globalThis.fetch) {
  const client = newClient(endpoint, fetch)
  const page = render(
    <ApolloProvider client={client}>
      <Shelf id={String(id)} />
    </ApolloProvider>,
  )
  await page.findByText('Washer')
  return {
    shown: () => Number(page.getByRole('status').textContent),
    alert: () => page.queryByRole('alert')?.textContent ?? '',
    take: () => fireEvent.click(page.getByText('Take one')),
    place: () => (page.getByLabelText('Location') as HTMLInputElement).value,
    type: (text: string) => fireEvent.change(page.getByLabelText('Location'), { target: { value: text } }),
    save: () => fireEvent.click(page.getByText(/^Save/)),
    saved: () => waitFor(() => assert(!(page.getByText('Take one') as HTMLButtonElement).disabled)),
  }
}

async function stored(id: number) {
  const { stockItem } = await send(ReadStockItem, { id: String(id) })
  assert(stockItem)
  return stockItem
}

async function move(id: number, version: number, location: string | null): Promise<void> {
  const { patchStockItem } = await send(PatchStockItem, { id: String(id), version, patch: { location } })
  assert.equal(patchStockItem?.__typename, 'StockItemWritten')
}

test('react: a change is seen before it is answered', async () => {
  const id = await newItem(10)
  let answer = () => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  const page = await open(id, async (input, init) => {
    if (String(init?.body).includes('mutation')) await held
    return fetch(input, init)
  })
  page.take()
  await waitFor(() => assert.equal(page.shown(), 9))
  assert.equal((await stored(id)).quantity, 10)
  answer()
  await page.saved()
  assert.equal((await stored(id)).quantity, 9)
})

test('react: whoever is overtaken sees the row as it is, and takes from that', async () => {
  const id = await newItem(10)
  const page = await open(id)
  await setQuantity(id, 1, 5)
  page.take()
  await waitFor(async () => assert.equal((await stored(id)).quantity, 4))
  await waitFor(() => assert.equal(page.shown(), 4))
  assert.equal(page.alert(), '')
})

test('react: nothing is taken where somebody else took the last', async () => {
  const id = await newItem(1)
  const page = await open(id)
  await setQuantity(id, 1, 0)
  page.take()
  await waitFor(() => assert.equal(page.alert(), 'None left.'))
  assert.equal(page.shown(), 0)
})

test('react: a person is asked where both have typed, and may insist', async () => {
  const id = await newItem(10)
  const page = await open(id)
  page.type('B2')
  await move(id, 1, 'C3')
  page.save()
  await waitFor(() => assert.equal(page.alert(), 'Somebody else has put it at C3.'))
  assert.equal(page.place(), 'B2')
  assert.equal((await stored(id)).location, 'C3')
  page.save()
  await waitFor(() => assert.equal(page.alert(), ''))
  assert.equal((await stored(id)).location, 'B2')
})

test('react: changes of different fields are merged without asking', async () => {
  const id = await newItem(10)
  const page = await open(id)
  page.type('B2')
  await setQuantity(id, 1, 5)
  page.save()
  await waitFor(() => assert.equal(page.shown(), 5))
  await waitFor(async () => assert.deepEqual([(await stored(id)).location, (await stored(id)).quantity], ['B2', 5]))
  assert.equal(page.alert(), '')
})

test('react: an emptied place is null, and the quantity, left out, stays', async () => {
  const id = await newItem(10)
  const page = await open(id)
  page.type('')
  page.save()
  await waitFor(async () => assert.equal((await stored(id)).location, null))
  assert.equal((await stored(id)).quantity, 10)
})

test('react: a lost answer takes the change back, and nothing is taken twice', async () => {
  const id = await newItem(10)
  const line = losing((body) => body.includes('mutation'))
  const page = await open(id, line.fetch)
  page.take()
  await waitFor(() => assert.match(page.alert(), /^No answer came/))
  assert.equal(page.shown(), 10)
  assert.equal((await stored(id)).quantity, 9)
  page.take()
  await waitFor(async () => assert.equal((await stored(id)).quantity, 8))
  await waitFor(() => assert.equal(page.shown(), 8))
})
