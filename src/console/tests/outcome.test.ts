import { describe, expect, test } from 'vitest';
import { type Json, isObject } from '../src/json';
import { attempted, byField, graphqlOutcome, restOutcome } from '../src/outcome';
import type { Reply } from '../src/send';

function reply(status: number, json: Json | undefined): Reply {
  return { status, statusText: '', headers: [], text: '', json, milliseconds: 1 };
}
const row = { id: 1, name: 'n', version: 2 };
const mismatch = { code: 'version_mismatch', detail: 'Late.', currentVersion: 2, current: row };
const union = (field: Json): Reply => reply(200, { data: { replacePart: field } });

describe('one outcome, whichever door it came through', () => {
  test('written', () => {
    expect(restOutcome(reply(200, row))).toMatchObject({ kind: 'written', row });
    expect(graphqlOutcome(union({ outcome: 'REPLACED', version: 2, part: row }), 'part')).toEqual({ kind: 'written', row, outcome: 'REPLACED' });
  });
  test('created', () => {
    expect(restOutcome(reply(201, row))).toMatchObject({ outcome: 'CREATED' });
  });
  test('deleted', () => {
    expect(restOutcome(reply(204, undefined))).toEqual({ kind: 'deleted' });
    expect(graphqlOutcome(reply(200, { data: { deletePart: { __typename: 'PartDeleted', id: '1' } } }), 'part')).toEqual({ kind: 'deleted' });
  });
  test('a version mismatch, with the row as it is now', () => {
    const expected = { kind: 'refused', code: 'version_mismatch', title: 'Version mismatch', detail: 'Late.', current: row };
    expect(restOutcome(reply(412, { title: 'Version mismatch', ...mismatch }))).toMatchObject(expected);
    expect(graphqlOutcome(union({ __typename: 'PartVersionMismatch', ...mismatch }), 'part')).toMatchObject(expected);
  });
  test('violations', () => {
    const violations = [{ pointer: '/name', code: 'too_short', message: 'Too short.' }];
    const problem = { code: 'invalid', detail: 'One.', violations };
    for (const outcome of [restOutcome(reply(400, problem)), graphqlOutcome(union(problem), 'part')]) {
      expect(outcome).toMatchObject({ kind: 'refused', violations: [{ pointer: '/name', message: 'Too short.' }] });
    }
  });
  test('a value that is taken is told at its field', () => {
    const outcome = restOutcome(reply(409, { code: 'unique_conflict', detail: 'Taken.', fields: ['email'] }));
    expect(outcome).toMatchObject({ violations: [{ pointer: '/email', message: 'Taken.' }] });
  });
  test('an error of GraphQL keeps its code', () => {
    const answer = reply(200, { data: null, errors: [{ message: 'Busy.', extensions: { code: 'unavailable' } }] });
    expect(graphqlOutcome(answer, 'part')).toMatchObject({ kind: 'refused', code: 'unavailable', detail: 'Busy.' });
    expect(graphqlOutcome(reply(401, { code: 'unauthenticated', detail: 'Who?' }), 'part')).toMatchObject({ code: 'unauthenticated' });
  });
  test.each([reply(502, undefined), reply(200, undefined), reply(500, { message: 'x' })])('an answer of something else: %j', (answer) => {
    expect(restOutcome(answer).kind).toBe('failed');
  });
  test('no answer', async () => {
    expect(await attempted(Promise.reject(new TypeError('Failed to fetch')))).toMatchObject({ kind: 'failed' });
  });
});

describe('violations by field', () => {
  const names = ['name', 'a/b', 'metadata'];
  test.each([
    ['/name', 'name', 'Wrong.'],
    ['/a~1b', 'a/b', 'Wrong.'],
    ['/metadata/x/0', 'metadata', '/x/0: Wrong.'],
    ['', '', 'Wrong.'],
    ['/unknown', '', '/unknown: Wrong.'],
  ])('%j belongs to %j', (pointer, name, text) => {
    expect([...byField([{ pointer, message: 'Wrong.' }], names)]).toEqual([[name, [text]]]);
  });
  test('all of one field are told', () => {
    const told = byField([{ pointer: '/name', message: 'A.' }, { pointer: '/name', message: 'B.' }], names);
    expect(told.get('name')).toEqual(['A.', 'B.']);
  });
});

test('arrays and null are no objects', () => {
  expect([[], null, 'a', {}].map(isObject)).toEqual([false, false, false, true]);
});
