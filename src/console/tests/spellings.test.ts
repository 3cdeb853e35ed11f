import { describe, expect, test } from 'vitest';
import { queryOf, readListing } from '../src/listing';
import { asText, fetchRequest, listRequest, writeRequest } from '../src/requests';
import { type Route, addressOf, readAddress } from '../src/route';
import { spelled } from '../src/translate';
import { PART } from './document';

describe('requests as text', () => {
  test('a replace names the version that it was made on', () => {
    expect(asText(writeRequest(PART, 'replace', '7', 3, { name: 'n' }))).toBe(
      'PUT /v1/api/parts/7\nContent-Type: application/json\nIf-Match: "3"\n\n{"name":"n"}',
    );
  });
  test('a patch is a merge patch', () => {
    expect(writeRequest(PART, 'patch', '7', 3, {}).headers['Content-Type']).toBe('application/merge-patch+json');
  });
  test('without a version there is no condition', () => {
    expect(writeRequest(PART, 'patch', '7', null, {}).headers).not.toHaveProperty('If-Match');
  });
  test('a delete has no content', () => {
    expect(asText(writeRequest(PART, 'delete', '7', 1, { name: 'n' }))).toBe('DELETE /v1/api/parts/7\nIf-Match: "1"');
  });
  test('a create goes to the collection', () => {
    expect(writeRequest(PART, 'create', '', 1, {})).toMatchObject({ method: 'POST', target: '/v1/api/parts', content: '{}' });
  });
  test.each(['a/b', '..', 'ä', '<script>', 'a b?c#d'])('the key %s stays in one segment', (key) => {
    const { target } = fetchRequest(PART, key);
    expect(target.split('/')).toHaveLength(5);
    expect(decodeURIComponent(target.split('/')[4] ?? '')).toBe(key);
    expect(target).not.toMatch(/[?#<> ]/);
  });
  test('a list has its query', () => {
    expect(listRequest(PART, 'limit=5').target).toBe('/v1/api/parts?limit=5');
    expect(listRequest(PART, '').target).toBe('/v1/api/parts');
  });
});

describe('addresses of the console', () => {
  const routes: Route[] = [
    { at: 'list', path: 'parts', query: '' },
    { at: 'list', path: 'parts', query: 'name[contains]=a%26b&order=-name' },
    { at: 'new', path: 'stock-items' },
    { at: 'row', path: 'parts', key: 'new' },
    { at: 'row', path: 'parts', key: 'a/b?c#d<e>' },
    { at: 'theatre', path: 'parts', key: '7' },
    { at: 'bench', text: '{ users { totalCount } }', variables: '{"a": "&?"}' },
    { at: 'bench', text: '', variables: '' },
    { at: 'start' },
  ];
  test.each(routes)('$at is read back', (route) => {
    expect(readAddress(addressOf(route))).toEqual(route);
  });
  test.each(['', '#', '#%', '#/%E0%A4%A', '#/parts/row', '#/parts/row/%ZZ', '#//', '#/?text=%'])('%j is some place', (fragment) => {
    expect(() => readAddress(fragment)).not.toThrow();
  });
});

describe('what a list is asked', () => {
  const fields = ['id', 'name', 'limit'];
  test.each([
    'name[contains]=a&order=-name&limit=5',
    'name=a%26b%3Dc',
    'id[in]=1&id[in]=2',
    'limit[eq]=5&limit=3',
    'where=%7B%22a%22:1%7D',
    '',
  ])('%s is read back', (query) => {
    expect(queryOf(readListing(query, fields))).toBe(query);
  });
  test('filters and the rest are told apart', () => {
    expect(readListing('name=a&fields=id&after=x', fields)).toEqual({
      comparisons: [{ field: 'name', operator: 'eq', value: 'a' }],
      order: '',
      limit: '',
      after: 'x',
      before: '',
      others: [['fields', 'id']],
    });
  });
});

describe('what the translator says', () => {
  const request = { method: 'GET', target: '/v1/api/parts/7', headers: {} };
  const code = { curl: 'curl x', fetch: 'fetch x', httpx: 'httpx x' };

  test('of a request: the request as it was read, and the operation', () => {
    const operation = { name: 'Part', query: 'query Part', variables: { id: '7' } };
    const told = { asked: { ...request, content: '', code }, explained: { from: 'rest', operation, notes: ['so'] } };
    expect(spelled(told, 'GET /v1/api/parts/7')).toEqual({
      rest: [{ request: { ...request, content: '' }, code }],
      graphql: { query: 'query Part', variables: { id: '7' }, operationName: 'Part' },
      notes: ['so'],
      error: null,
    });
  });
  test('of an operation: its requests in their order, and the operation as it was written', () => {
    const step = (target: string, notes: string[]) => ({ request: { ...request, target, body: null }, code, notes });
    const told = { asked: null, explained: { from: 'graphql', steps: [step('/a', ['first']), step('/b', [])] } };
    const { rest, graphql, notes, error } = spelled(told, '{ a b }', { x: 1 });
    expect(rest.map((one) => [one.request.target, one.request.content])).toEqual([['/a', 'null'], ['/b', 'null']]);
    expect(graphql).toEqual({ query: '{ a b }', variables: { x: 1 }, operationName: null });
    expect([notes, error]).toEqual([['first'], null]);
  });
  test('where the other door has no word, its last note says why', () => {
    const told = { asked: { ...request, content: '', code }, explained: { from: 'rest', operation: null, notes: ['first', 'no word'] } };
    expect(spelled(told, '')).toMatchObject({ graphql: null, error: 'no word' });
    const foreign = { asked: null, explained: { from: 'graphql', steps: [{ request: null, notes: ['own field'] }] } };
    expect(spelled(foreign, '{ a }')).toMatchObject({ rest: [], error: 'own field' });
  });
  test('what is not understood is said, and the request can still be sent', () => {
    const told = { asked: { ...request, content: '{', code: null }, explained: null, error: 'not JSON' };
    expect(spelled(told, '')).toMatchObject({ rest: [{ request: { content: '{' } }], graphql: null, error: 'not JSON' });
  });
});
