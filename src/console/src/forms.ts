// What stands in a form, and the document that it makes.

import { type Entry, type Field, OUT, entryOf, valueOf } from './fields';
import { type Json, type JsonObject, same } from './json';
import { mergePatch } from './merge';

export type Entries = Readonly<Record<string, Entry>>;

export interface Filled {
  readonly document: JsonObject;
  /** What cannot be sent, by field. */
  readonly wrong: ReadonlyMap<string, readonly string[]>;
}

export function blank(fields: readonly Field[]): Entries {
  return Object.fromEntries(fields.map((field) => [field.name, OUT]));
}

export function entriesOf(fields: readonly Field[], row: JsonObject): Entries {
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, row[field.name])]));
}

export function filled(fields: readonly Field[], entries: Entries): Filled {
  const document: Record<string, Json> = {};
  const wrong = new Map<string, readonly string[]>();
  for (const field of fields) {
    const reading = valueOf(field, entries[field.name] ?? OUT);
    if ('wrong' in reading) wrong.set(field.name, [reading.wrong]);
    else if (reading.value !== undefined) document[field.name] = reading.value;
  }
  return { document, wrong };
}

/** The merge patch that makes of `row` what stands in the form; what is left out stays as it is. */
export function patchOf(fields: readonly Field[], entries: Entries, row: JsonObject): Filled {
  const { document, wrong } = filled(fields, entries);
  const patch = Object.fromEntries(
    Object.entries(document).flatMap(([name, value]) => (same(row[name], value) ? [] : [[name, mergePatch(row[name], value)]])),
  );
  return { document: patch, wrong };
}
