import { describe, expect, test } from 'vitest';
import { type Entry, type Field, OUT, entryOf, valueOf } from '../src/fields';
import { entriesOf, filled, patchOf } from '../src/forms';
import { PART } from './document';

function field(name: string): Field {
  const found = PART.create.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}
const text = (written: string): Entry => ({ state: 'text', text: written });

describe('the fields of a resource', () => {
  test.each([
    ['name', 'text', false, true, undefined],
    ['notes', 'long text', true, false, null],
    ['count', 'integer', false, true, undefined],
    ['weight', 'number', false, false, 1.5],
    ['ready', 'boolean', false, false, false],
    ['colour', 'choice', true, false, undefined],
    ['tags', 'json', false, false, []],
    ['mixed', 'json', false, false, undefined],
    ['secret', 'long text', false, false, undefined],
  ])('%s is of the kind %s', (name, kind, nullable, required, usual) => {
    expect(field(name)).toMatchObject({ kind, nullable, required });
    expect(field(name).usual).toEqual(usual);
  });

  test('what a list can be asked', () => {
    expect(PART.filters).toEqual([
      { field: 'id', operators: ['eq', 'gte'] },
      { field: 'name', operators: ['eq', 'contains'] },
      { field: 'limit', operators: ['eq'] },
    ]);
    expect(PART.orders).toEqual(['name', '-name']);
    expect(PART.largestPage).toBe(50);
  });

  test('a list shows what every row has, key first, and no version of its own', () => {
    expect(PART.columns.map((one) => one.name)).toEqual(['id', 'name', 'count']);
  });

  test('neither key nor version nor read-only fields stand in the forms of a row', () => {
    for (const fields of [PART.replace, PART.patch]) {
      expect(fields.map((one) => one.name)).toEqual(['name', 'notes', 'count', 'weight', 'ready', 'colour', 'tags', 'secret', 'mixed']);
    }
  });

  test('the prefix stands in addresses and not in the document', () => {
    expect(PART.collection).toBe('/v1/api/parts');
  });
});

describe('from text to value', () => {
  test.each([
    ['name', text('12'), { value: '12' }],
    ['name', text(''), { value: '' }],
    ['notes', { state: 'null' } as Entry, { value: null }],
    ['notes', OUT, { value: undefined }],
    ['count', text('12'), { value: 12 }],
    ['count', text('twelve'), { value: 'twelve' }],
    ['count', text('1.5'), { value: 1.5 }],
    ['ready', text('true'), { value: true }],
    ['colour', text('"red"'), { value: 'red' }],
    ['tags', text('["a"]'), { value: ['a'] }],
  ])('%s', (name, entry, expected) => {
    expect(valueOf(field(name), entry)).toEqual(expected);
  });

  test('what is no JSON cannot be sent', () => {
    expect(valueOf(field('tags'), text('[a'))).toHaveProperty('wrong');
    const { document, wrong } = filled(PART.create, { tags: text('[a'), name: text('n') });
    expect(document).toEqual({ name: 'n' });
    expect([...wrong.keys()]).toEqual(['tags']);
  });

  test.each([
    ['name', '"quoted"'],
    ['notes', null],
    ['notes', 'null'],
    ['count', 0],
    ['ready', false],
    ['colour', 'blue'],
    ['tags', ['a', null]],
    ['mixed', 'text'],
  ])('%s comes back as it was', (name, value) => {
    expect(valueOf(field(name), entryOf(field(name), value))).toEqual({ value });
  });
});

describe('a patch', () => {
  const row = { name: 'bolt', notes: null, count: 1, tags: ['a'], mixed: { a: 1, b: 2 }, version: 3 };

  test('of a form that nobody has touched is empty', () => {
    expect(patchOf(PART.patch, entriesOf(PART.patch, row), row).document).toEqual({});
  });

  test('has what was changed and nothing else', () => {
    const entries = { ...entriesOf(PART.patch, row), count: text('2'), name: OUT };
    expect(patchOf(PART.patch, entries, row).document).toEqual({ count: 2 });
  });

  test('takes away members of an object that are gone', () => {
    const entries = { ...entriesOf(PART.patch, row), mixed: text('{"b": 3}') };
    expect(patchOf(PART.patch, entries, row).document).toEqual({ mixed: { a: null, b: 3 } });
  });
});
