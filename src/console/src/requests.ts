// The requests that the console makes, and how each is written for the translator: as HTTP text.

import type { Json, JsonObject } from './json';
import type { Resource } from './openapi';

export interface HttpRequest {
  readonly method: string;
  /** Path and query, with the prefix. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly content: string;
}

export type Verb = 'create' | 'replace' | 'patch' | 'delete';

export function listRequest(resource: Resource, query: string): HttpRequest {
  return request('GET', query === '' ? resource.collection : `${resource.collection}?${query}`);
}

export function fetchRequest(resource: Resource, key: string): HttpRequest {
  return request('GET', rowTarget(resource, key));
}

/** A write. `version` is that of the row it was made on; null names none. */
export function writeRequest(resource: Resource, verb: Verb, key: string, version: number | null, document: JsonObject): HttpRequest {
  const condition: Record<string, string> = version === null ? {} : { 'If-Match': `"${version}"` };
  switch (verb) {
    case 'create':
      return request('POST', resource.collection, { 'Content-Type': 'application/json' }, document);
    case 'replace':
      return request('PUT', rowTarget(resource, key), { 'Content-Type': 'application/json', ...condition }, document);
    case 'patch':
      return request('PATCH', rowTarget(resource, key), { 'Content-Type': 'application/merge-patch+json', ...condition }, document);
    case 'delete':
      return request('DELETE', rowTarget(resource, key), condition);
  }
}

/** The address of a row; in one segment, whatever its key is made of. */
export function rowTarget(resource: Resource, key: string): string {
  return `${resource.collection}/${encodeURIComponent(key)}`;
}

export function asText({ method, target, headers, content }: HttpRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [[`${method} ${target}`, ...fields].join('\n'), ...(content === '' ? [] : [content])].join('\n\n');
}

function request(method: string, target: string, headers: Readonly<Record<string, string>> = {}, body?: Json): HttpRequest {
  return { method, target, headers, content: body === undefined ? '' : JSON.stringify(body) };
}
