// Fields of forms, as the JSON Schemas of the OpenAPI document have them, and the way between text and value.

import { type Json, type JsonObject, isObject, parsed } from './json';

export type Kind = 'text' | 'long text' | 'integer' | 'number' | 'boolean' | 'choice' | 'json';

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly required: boolean;
  readonly about: string;
  /** May be written and is never shown; left out, it stays as it is. */
  readonly hidden: boolean;
  /** What the server takes where the field is left out; undefined where there is no such value. */
  readonly usual: Json | undefined;
  readonly choices: readonly Json[];
  readonly schema: JsonObject;
}

/** What stands in a field: nothing that is sent, null, or text that is yet to be read. */
export type Entry = { readonly state: 'out' } | { readonly state: 'null' } | { readonly state: 'text'; readonly text: string };

export const OUT: Entry = { state: 'out' };

export function fieldOf(name: string, schema: JsonObject, required: boolean, resolve: (schema: JsonObject) => JsonObject): Field {
  const parts = (Array.isArray(schema.anyOf) ? (schema.anyOf as Json[]) : [schema]).filter(isObject).map(resolve);
  const kinds = parts.filter((part) => part.type !== 'null');
  const own = kinds[0] ?? {};
  const hidden = schema.writeOnly === true;
  return {
    name,
    kind: kinds.length === 1 ? kindOf(own) : 'json',
    nullable: kinds.length < parts.length,
    required,
    about: typeof schema.description === 'string' ? schema.description : '',
    hidden,
    usual: hidden ? undefined : schema.default,
    choices: Array.isArray(own.enum) ? own.enum : [],
    schema: own,
  };
}

// Beyond so many characters one line is too little.
const ONE_LINE = 320;

function kindOf(schema: JsonObject): Kind {
  if (Array.isArray(schema.enum)) return 'choice';
  switch (schema.type) {
    case 'string':
      if (schema.format !== undefined || schema.pattern !== undefined) return 'text';
      return typeof schema.maxLength === 'number' && schema.maxLength <= ONE_LINE ? 'text' : 'long text';
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type;
    default:
      return 'json';
  }
}

/** The entry that shows a value. */
export function entryOf(field: Field, value: Json | undefined): Entry {
  if (value === undefined) return OUT;
  if (value === null && field.nullable) return { state: 'null' };
  const plain = typeof value === 'string' && field.kind !== 'json' && field.kind !== 'choice';
  return { state: 'text', text: plain ? value : JSON.stringify(value, null, field.kind === 'json' ? 2 : 0) };
}

export type Reading = { readonly value: Json | undefined } | { readonly wrong: string };

/**
 * The value of an entry, undefined where nothing is sent. Only what cannot be sent at all is wrong here: what is no number goes as
 * the text that it is, since the server says best what it takes.
 */
export function valueOf(field: Field, entry: Entry): Reading {
  if (entry.state === 'out') return { value: undefined };
  if (entry.state === 'null') return { value: null };
  if (field.kind === 'text' || field.kind === 'long text') return { value: entry.text };
  const value = parsed(entry.text);
  if (field.kind === 'json') return value === undefined ? { wrong: 'Must be JSON, such as ["a"] or {"a": 1}.' } : { value };
  return { value: value === undefined ? entry.text : value };
}
