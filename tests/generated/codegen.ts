import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['graphql/**/*.ts', 'react/**/*.tsx'],
  generates: {
    'generated/graphql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        // A scalar that is not named here is an error, rather than `any`.
        strictScalars: true,
        scalars: { JSON: 'unknown' },
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
    // Tells Apollo's cache which types are a Problem.
    'generated/possibleTypes.ts': { plugins: ['fragment-matcher'], config: { useExplicitTyping: true } },
  },
}
export default config
