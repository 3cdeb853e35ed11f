// Two edits that collide: both change one field, and the second another one besides.

import type { Field } from './fields';
import type { Json, JsonObject } from './json';

export interface Drafts {
  readonly first: JsonObject;
  readonly second: JsonObject;
}

const CALLED = /^(name|title|label|subject)$/i;

/** Drafts for two editors of a row; null where it has no field that words or a number can be put into. */
export function suggest(fields: readonly Field[], row: JsonObject): Drafts | null {
  // A field that people call things by says best what happens; a code or an address is the last to be written into.
  const [both, other] = fields
    .filter((field) => edited(field, row[field.name], 'first') !== undefined)
    .sort((one, next) => rank(one, row) - rank(next, row));
  if (both === undefined) return null;
  const change = (field: Field, by: 'first' | 'second'): JsonObject => ({ [field.name]: edited(field, row[field.name], by) ?? null });
  return { first: change(both, 'first'), second: { ...change(both, 'second'), ...(other === undefined ? {} : change(other, 'second')) } };
}

function rank({ name }: Field, row: JsonObject): number {
  const value = row[name];
  return CALLED.test(name) ? 0 : typeof value === 'string' && /^\S+$/.test(value) ? 2 : 1;
}

function edited({ kind, schema, hidden }: Field, value: Json | undefined, by: 'first' | 'second'): Json | undefined {
  if (hidden) return undefined;
  if (kind === 'integer' && typeof value === 'number') return by === 'first' ? value + 5 : value + 2;
  // What has a form of its own would no longer have it.
  if ((kind !== 'text' && kind !== 'long text') || schema.pattern !== undefined || schema.format !== undefined) return undefined;
  const text = `${typeof value === 'string' ? value : 'Words'} (${by} edit)`;
  return typeof schema.maxLength === 'number' && text.length > schema.maxLength ? undefined : text;
}
