import { describe, expect, test } from 'vitest';
import { differences, mergePatch, merged } from '../src/merge';
import { same } from '../src/json';
import { suggest } from '../src/suggest';
import { PART } from './document';

const NAMES = ['a', 'b', 'c'];
const base = { a: 1, b: { x: [1, 2] }, c: 'c', version: 1 };

describe('three-way merge', () => {
  test('fields that nobody changed, or both to the same, are no difference', () => {
    expect(differences(NAMES, base, { ...base, a: 2 }, { ...base, a: 2, version: 2 })).toEqual([]);
  });

  test('what only one has changed is his', () => {
    const [mine, theirs] = [{ ...base, a: 2 }, { ...base, c: 'd', version: 2 }];
    const found = differences(NAMES, base, mine, theirs);
    expect(found.map(({ name, by }) => [name, by])).toEqual([['a', 'me'], ['c', 'them']]);
    expect(merged(theirs, found, {})).toEqual({ a: 2, b: { x: [1, 2] }, c: 'd', version: 2 });
  });

  test('of what both have changed theirs stays, unless mine is chosen', () => {
    const [mine, theirs] = [{ ...base, a: 2 }, { ...base, a: 3, version: 2 }];
    const found = differences(NAMES, base, mine, theirs);
    expect(found).toMatchObject([{ name: 'a', by: 'both', base: 1, mine: 2, theirs: 3 }]);
    expect(merged(theirs, found, {}).a).toBe(3);
    expect(merged(theirs, found, { a: 'theirs' }).a).toBe(3);
    expect(merged(theirs, found, { a: 'mine' })).toEqual({ ...theirs, a: 2 });
  });

  test('a choice cannot take back what only they changed', () => {
    const theirs = { ...base, c: 'd' };
    expect(merged(theirs, differences(NAMES, base, base, theirs), { c: 'mine' }).c).toBe('d');
  });
});

describe('sameness', () => {
  test.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, undefined, false],
    ['1', 1, false],
    [[{ a: [] }], [{ a: [] }], true],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(same(one, other)).toBe(expected);
  });
});

describe('merge patches (RFC 7396)', () => {
  test.each([
    [{ a: 1 }, { a: 1, b: 2 }, { b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }, { b: null }],
    [{ a: { x: 1, y: 1 } }, { a: { x: 2 } }, { a: { x: 2, y: null } }],
    [[1], [2], [2]],
    [null, { a: 1 }, { a: 1 }],
    ['text', 'other', 'other'],
  ])('from %j to %j', (from, to, patch) => {
    expect(mergePatch(from, to)).toEqual(patch);
  });
});

describe('two edits that collide', () => {
  test('both change the name, and the second another field besides', () => {
    const drafts = suggest(PART.replace, { name: 'bolt', notes: null, count: 4 });
    expect(drafts).toEqual({
      first: { name: 'bolt (first edit)' },
      second: { name: 'bolt (second edit)', notes: 'Words (second edit)' },
    });
  });

  test('a code or an address is written into last', () => {
    const row = { notes: 'a@example.com', count: 4, name: 'x'.repeat(190) };
    expect(suggest(PART.replace, row)).toEqual({ first: { count: 9 }, second: { count: 6, notes: 'a@example.com (second edit)' } });
  });

  test('where words have no room, a number is counted', () => {
    const drafts = suggest(PART.replace.filter(({ name }) => name === 'name' || name === 'count'), { name: 'x'.repeat(190), count: 4 });
    expect(drafts).toEqual({ first: { count: 9 }, second: { count: 6 } });
  });

  test('a row without such fields has none', () => {
    expect(suggest(PART.replace.filter(({ name }) => name === 'ready'), { ready: true })).toBeNull();
  });
});
