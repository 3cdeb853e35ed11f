import type { CodegenConfig } from '@graphql-codegen/cli'

/** Must fail: the schema demands what these operations forget. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: 'wrong/*.graphql',
  generates: { 'wrong/generated/': { preset: 'client' } },
}
export default config
