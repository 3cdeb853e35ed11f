import graphql from '@graphql-eslint/eslint-plugin'

const { rules: recommended } = graphql.configs['flat/schema-recommended']
const { rules: relay } = graphql.configs['flat/schema-relay']
const { rules: all } = graphql.configs['flat/schema-all']
const { rules: operations } = graphql.configs['flat/operations-recommended']

const parser = {
  plugins: { '@graphql-eslint': graphql },
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: 'schema.graphql', documents: 'stock.graphql' } } },
}

export default [
  {
    ...parser,
    files: ['schema.graphql'],
    rules: {
      ...recommended,
      ...relay,
      ...all,
      // Everything is described, not only the types.
      '@graphql-eslint/require-description': [
        'error',
        { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true, DirectiveDefinition: true, rootField: true },
      ],
      // These are no rows: they stand beside one, and a cache has nothing to find them by.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            suffixes: ['Connection', 'Edge', 'Written', 'VersionMismatch', 'Conflict'],
            types: ['PageInfo', 'Violation', 'NotFound', 'AlreadyExists', 'Invalid', 'PatchInvalid', 'VersionExhausted'],
          },
        },
      ],
      // Rows need no `Node` interface, since keys are those of REST, which two resources may share; and a list of keys is
      // answered by a plain list, in the same order, which has no page.
      '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
      // A connection is never missing: where there are no rows, it has none. So clients need not ask whether it is null.
      '@graphql-eslint/require-nullable-result-in-root': 'off',
      // The schema is printed in the order of the declaration, and an argument that is required comes first.
      '@graphql-eslint/alphabetize': 'off',
      // The key and the version stand beside the document, since they say where and when, and the document what.
      '@graphql-eslint/input-name': 'off',
      // It forbids mutations.
      '@graphql-eslint/no-root-type': 'off',
    },
  },
  {
    ...parser,
    files: ['stock.graphql'],
    rules: operations,
  },
]
