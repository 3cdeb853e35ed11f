import { useQuery } from '@apollo/client/react'
import { ReadStockItem } from '../graphql/stock'
import { EditLocation } from './EditLocation'
import { TakeOne } from './TakeOne'

export function Shelf({ id }: { id: string }) {
  const { data, error } = useQuery(ReadStockItem, { variables: { id } })
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return <p>…</p>
  if (!data.stockItem) return <p>There is no such item.</p>
  return (
    <section>
      <h2>{data.stockItem.name}</h2>
      <TakeOne item={data.stockItem} />
      <EditLocation item={data.stockItem} />
    </section>
  )
}
