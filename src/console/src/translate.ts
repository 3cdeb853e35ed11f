// The words of one door in those of the other. The server translates, so that the console and `diptych explain` say the same.

import { type Json, type JsonObject, isObject } from './json';
import type { HttpRequest } from './requests';
import { type Operation, send } from './send';

export type Language = 'curl' | 'fetch' | 'httpx';

export interface RestSpelling {
  readonly request: HttpRequest;
  readonly code: Readonly<Record<Language, string>>;
}

export interface Spelled {
  /** Several where an operation has several root fields, to be sent in this order. */
  readonly rest: readonly RestSpelling[];
  readonly graphql: Operation | null;
  readonly notes: readonly string[];
  /** Why the other spelling is missing; null where it is there. */
  readonly error: string | null;
}

/** Says text of either door in the words of the other; `variables` belong to a GraphQL document. */
export type Translator = (text: string, variables?: Json, signal?: AbortSignal) => Promise<Spelled>;

export function serverTranslator(address: string): Translator {
  return async (text, variables, signal) => {
    const content = JSON.stringify({ text, server: location.origin, ...(isObject(variables) ? { variables } : {}) });
    const asked = { method: 'POST', target: address, headers: { 'Content-Type': 'application/json' }, content };
    const { json, status } = await send(asked, signal);
    if (isObject(json) && 'explained' in json) return spelled(json, text, variables);
    const detail = isObject(json) && typeof json.detail === 'string' ? json.detail : `The server answered ${status}.`;
    return { rest: [], graphql: null, notes: [], error: detail };
  };
}

/** Read what the server says. */
export function spelled(told: JsonObject, text: string, variables?: Json): Spelled {
  const explained = isObject(told.explained) ? told.explained : {};
  const error = typeof told.error === 'string' ? told.error : null;
  if (explained.from === 'graphql') {
    const steps = members(explained.steps);
    const rest = steps.flatMap((step) => (isObject(step.request) ? [restOf(step.request, step.code)] : []));
    const notes = steps.flatMap((step) => texts(step.notes));
    const operation = { query: text, variables: isObject(variables) ? variables : {}, operationName: null };
    return { rest, graphql: operation, notes, error: rest.length === 0 ? (notes[0] ?? 'REST has no request for this.') : null };
  }
  const rest = isObject(told.asked) ? [restOf(told.asked, told.asked.code)] : [];
  const notes = texts(explained.notes);
  const operation = isObject(explained.operation) ? operationOf(explained.operation) : null;
  return { rest, graphql: operation, notes, error: error ?? (operation === null ? (notes.at(-1) ?? 'GraphQL has no operation for this.') : null) };
}

function restOf(request: JsonObject, code: Json | undefined): RestSpelling {
  const written = isObject(code) ? code : {};
  const content = typeof request.content === 'string' ? request.content : 'body' in request ? JSON.stringify(request.body) : '';
  const headers = isObject(request.headers) ? request.headers : {};
  return {
    request: {
      method: String(request.method),
      target: String(request.target),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      content,
    },
    code: { curl: String(written.curl ?? ''), fetch: String(written.fetch ?? ''), httpx: String(written.httpx ?? '') },
  };
}

function operationOf(operation: JsonObject): Operation {
  return {
    query: String(operation.query),
    variables: operation.variables ?? {},
    operationName: typeof operation.name === 'string' ? operation.name : null,
  };
}

function members(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as Json[]).filter(isObject) : [];
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as Json[]).map(String) : [];
}
