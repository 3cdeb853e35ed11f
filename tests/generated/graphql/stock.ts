import { graphql } from '../generated/graphql'
import type { PatchStockItemMutation } from '../generated/graphql/graphql'

export const ReadStockItem = graphql(`
  query ReadStockItem($id: ID!) {
    stockItem(id: $id) {
      ...Shelf
    }
  }

  fragment Shelf on StockItem {
    __typename
    id
    name
    quantity
    location
    version
  }
`)

export const PatchStockItem = graphql(`
  mutation PatchStockItem($id: ID!, $version: Int!, $patch: PatchStockItemInput!) {
    patchStockItem(id: $id, version: $version, patch: $patch) {
      __typename
      ... on StockItemWritten {
        outcome
        stockItem {
          ...Shelf
        }
      }
      ... on StockItemVersionMismatch {
        currentVersion
        current {
          ...Shelf
        }
      }
      ... on Invalid {
        violations {
          pointer
          message
        }
      }
      ... on Problem {
        code
        detail
      }
    }
  }
`)

export const DeleteStockItem = graphql(`
  mutation DeleteStockItem($id: ID!, $version: Int!) {
    deleteStockItem(id: $id, version: $version) {
      __typename
      ... on StockItemDeleted {
        id
        version
      }
      ... on Problem {
        code
        detail
      }
    }
  }
`)

export type Patched = NonNullable<PatchStockItemMutation['patchStockItem']>
