// A small OpenAPI document, in the shape that the server writes.

import type { JsonObject } from '../src/json';
import type { About } from '../src/page';
import { readResources } from '../src/openapi';

export const ABOUT: About = {
  title: 'Small',
  prefix: '/v1',
  api: '/api',
  graphql: '/v1/graphql',
  openapi: '/v1/openapi.json',
  explain: '/v1/diptych/explain',
  asksWho: false,
  resources: [
    { name: 'Part', path: 'parts', singular: 'part', key: 'id', clientKeyed: false, versionsRequired: true, readOnly: ['made'], about: 'A part.' },
  ],
};

const content = (media: string, name: string): JsonObject => ({ content: { [media]: { schema: { $ref: `#/components/schemas/${name}` } } } });
const FIELDS: JsonObject = {
  name: { type: 'string', minLength: 1, maxLength: 200, description: 'What it is called.' },
  notes: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
  count: { type: 'integer', minimum: 0 },
  weight: { type: 'number', default: 1.5 },
  ready: { type: 'boolean', default: false },
  colour: { anyOf: [{ $ref: '#/components/schemas/Colour' }, { type: 'null' }] },
  tags: { type: 'array', items: { type: 'string' }, default: [] },
  secret: { type: 'string', writeOnly: true, default: '' },
  mixed: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
};

export const DOCUMENT: JsonObject = {
  paths: {
    '/api/parts': {
      get: {
        parameters: [
          ...['id', 'id[gte]', 'name', 'name[contains]', 'limit[eq]'].map((name) => ({ name, in: 'query', schema: {} })),
          { $ref: '#/components/parameters/Part.order' },
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 50 } },
          { name: 'Prefer', in: 'header', schema: {} },
        ],
      },
      post: {
        requestBody: content('application/json', 'CreatePart'),
        responses: { '201': content('application/json', 'Part') },
      },
    },
    '/api/parts/{id}': {
      put: { requestBody: content('application/json', 'ReplacePart') },
      patch: { requestBody: content('application/merge-patch+json', 'PatchPart') },
    },
    '/api/partsof/{id}': {},
  },
  components: {
    parameters: { 'Part.order': { name: 'order', in: 'query', schema: { type: 'array', items: { enum: ['name', '-name'] } } } },
    schemas: {
      Colour: { enum: ['red', 'blue'] },
      CreatePart: { properties: { ...FIELDS, version: { const: 0 } }, required: ['name', 'count'] },
      ReplacePart: { properties: { id: { type: 'integer' }, made: { type: 'string' }, ...FIELDS, version: {} }, required: ['name', 'count'] },
      PatchPart: { properties: { id: { type: 'integer' }, made: { type: 'string' }, ...FIELDS, version: {} } },
      Part: { properties: { id: { type: 'integer' }, ...FIELDS, version: {}, owner: {} }, required: ['id', 'name', 'count', 'version'] },
    },
  },
};

export const [PART] = readResources(ABOUT, DOCUMENT) as [ReturnType<typeof readResources>[number]];
