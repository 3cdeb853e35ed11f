// Reads the OpenAPI document: which fields a resource has, what a list of it may be filtered and ordered by.

import { type Field, fieldOf } from './fields';
import { type Json, type JsonObject, isObject } from './json';
import type { About, ResourceName } from './page';

export interface Filter {
  readonly field: string;
  /** `eq`, `gte`, `isNull`…, in the order of the document. */
  readonly operators: readonly string[];
}

export interface Resource extends ResourceName {
  /** The path of its collection, with the prefix. */
  readonly collection: string;
  /** The members of a row that stand in a list, key first. */
  readonly columns: readonly Field[];
  readonly create: readonly Field[];
  readonly replace: readonly Field[];
  readonly patch: readonly Field[];
  readonly filters: readonly Filter[];
  readonly orders: readonly string[];
  /** The largest page that may be asked for. */
  readonly largestPage: number;
  readonly example: JsonObject;
}

/** What is no filter among the parameters of a list. */
const OF_THE_LIST = new Set(['where', 'order', 'fields', 'include', 'limit', 'after', 'before']);

export function readResources(about: About, document: JsonObject): readonly Resource[] {
  return about.resources.map((named) => readResource(about, named, document));
}

function readResource(about: About, named: ResourceName, document: JsonObject): Resource {
  const resolve = (schema: JsonObject): JsonObject => followed(document, schema);
  const path = `${about.api}/${named.path}`;
  const collection = at(document, 'paths', path);
  const items = Object.entries(at(document, 'paths')).filter(([name]) => name.startsWith(`${path}/{`));
  const item = isObject(items[0]?.[1]) ? items[0][1] : {};
  const body = (operation: JsonObject, media: string): readonly Field[] =>
    fieldsOf(resolve(at(operation, 'requestBody', 'content', media, 'schema')), resolve);
  const row = resolve(at(collection, 'post', 'responses', '201', 'content', 'application/json', 'schema'));
  const parameters = list(at(collection, 'get').parameters).filter(isObject).map(resolve);
  const schemaOf = (name: string): JsonObject => at(parameters.find((one) => one.name === name) ?? {}, 'schema');
  const isWritten = ({ name }: Field): boolean => name !== named.key && !named.readOnly.includes(name);
  const largest = schemaOf('limit').maximum;
  return {
    ...named,
    collection: about.prefix + path,
    columns: fieldsOf(row, resolve, new Set(list(row.required).map(String))),
    create: body(at(collection, 'post'), 'application/json'),
    replace: body(at(item, 'put'), 'application/json').filter(isWritten),
    patch: body(at(item, 'patch'), 'application/merge-patch+json').filter(isWritten),
    filters: filtersOf(parameters.filter((one) => one.in === 'query').map((one) => String(one.name))),
    orders: list(at(schemaOf('order'), 'items').enum).map(String),
    largestPage: typeof largest === 'number' ? largest : 100,
    example: at(collection, 'post', 'requestBody', 'content', 'application/json', 'example'),
  };
}

/** The fields of an object schema but `version`, which forms have apart; `only` names those that are wanted. */
function fieldsOf(schema: JsonObject, resolve: (schema: JsonObject) => JsonObject, only?: ReadonlySet<string>): readonly Field[] {
  const required = new Set(list(schema.required).map(String));
  return Object.entries(at(schema, 'properties'))
    .filter(([name]) => name !== 'version' && (only === undefined || only.has(name)))
    .map(([name, property]) => fieldOf(name, isObject(property) ? property : {}, required.has(name), resolve));
}

function filtersOf(parameters: readonly string[]): readonly Filter[] {
  const operators = new Map<string, string[]>();
  for (const parameter of parameters) {
    const found = /^(.+?)(?:\[(\w+)\])?$/.exec(parameter);
    const field = found?.[1];
    if (field === undefined || (found?.[2] === undefined && OF_THE_LIST.has(field))) continue;
    operators.set(field, [...(operators.get(field) ?? []), found?.[2] ?? 'eq']);
  }
  return [...operators].map(([field, known]) => ({ field, operators: [...new Set(known)] }));
}

/** What a schema or parameter refers to, if it refers to something. */
function followed(document: JsonObject, schema: JsonObject): JsonObject {
  if (typeof schema.$ref !== 'string' || !schema.$ref.startsWith('#/')) return schema;
  return at(document, ...schema.$ref.slice(2).split('/'));
}

/** A member within members; an empty object where it is not there. */
function at(value: JsonObject, ...names: readonly string[]): JsonObject {
  let found: Json | undefined = value;
  for (const name of names) found = isObject(found) ? found[name] : undefined;
  return isObject(found) ? found : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
