// What an answer of either door means: both doors answer the same, and this is where it becomes the same value.

import { type Json, type JsonObject, isObject } from './json';
import type { Reply } from './send';

export interface Violation {
  readonly pointer: string;
  readonly message: string;
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly violations: readonly Violation[];
  /** Of a version mismatch: the row as it is now, null where there is none or it may not be seen. */
  readonly current: JsonObject | null;
}

export type Outcome =
  | { readonly kind: 'written'; readonly row: JsonObject; readonly outcome: string }
  | { readonly kind: 'deleted' }
  | Refused
  /** No answer of a door, or one that cannot be read. */
  | { readonly kind: 'failed'; readonly detail: string };

export function restOutcome(reply: Reply): Outcome {
  const { status, json } = reply;
  if (status === 204) return { kind: 'deleted' };
  if (status >= 400) return isObject(json) && typeof json.code === 'string' ? refused(json) : failed(reply);
  return isObject(json) ? { kind: 'written', row: json, outcome: status === 201 ? 'CREATED' : 'WRITTEN' } : failed(reply);
}

/** `member` is where a written row stands in GraphQL: `user`. */
export function graphqlOutcome(reply: Reply, member: string): Outcome {
  const { json } = reply;
  if (!isObject(json)) return failed(reply);
  if (typeof json.code === 'string') return refused(json);
  const field = isObject(json.data) ? Object.values(json.data)[0] : undefined;
  if (isObject(field)) {
    if (isObject(field[member])) return { kind: 'written', row: field[member], outcome: String(field.outcome) };
    return typeof field.code === 'string' ? refused(field) : { kind: 'deleted' };
  }
  const error = Array.isArray(json.errors) ? (json.errors as Json[]).find(isObject) : undefined;
  if (error === undefined) return failed(reply);
  const extensions = isObject(error.extensions) ? error.extensions : {};
  return refused({ ...extensions, detail: error.message ?? '', code: extensions.code ?? 'error' });
}

export async function attempted(asking: Promise<Outcome>): Promise<Outcome> {
  try {
    return await asking;
  } catch (error) {
    return { kind: 'failed', detail: `No answer came: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Violations by the field that they speak of; those of the whole document stand under the empty name. */
export function byField(violations: readonly Violation[], names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  for (const { pointer, message } of violations) {
    const [, first = ''] = pointer.split('/');
    const name = first.replaceAll('~1', '/').replaceAll('~0', '~');
    const known = names.includes(name);
    const within = known ? pointer.slice(first.length + 1) : pointer;
    const text = within === '' ? message : `${within}: ${message}`;
    told.set(known ? name : '', [...(told.get(known ? name : '') ?? []), text]);
  }
  return told;
}

function refused(problem: JsonObject): Refused {
  const taken = Array.isArray(problem.fields) ? (problem.fields as Json[]).map(String) : [];
  const violations = Array.isArray(problem.violations) ? (problem.violations as Json[]).filter(isObject) : [];
  const detail = String(problem.detail ?? '');
  return {
    kind: 'refused',
    code: String(problem.code),
    // GraphQL's answers have the code where REST's have a title.
    title: capital(String(problem.title ?? problem.code).replaceAll('_', ' ')),
    detail,
    violations: [
      ...violations.map(({ pointer, message }) => ({ pointer: String(pointer), message: String(message) })),
      ...taken.map((name) => ({ pointer: `/${name}`, message: detail })),
    ],
    current: isObject(problem.current) ? problem.current : null,
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function failed({ status, statusText }: Reply): Outcome {
  return { kind: 'failed', detail: `The answer cannot be read: ${status} ${statusText}` };
}
