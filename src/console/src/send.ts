// Sends requests to this server and to no other, with the credential that was typed in, which is kept in memory alone.

import { type Json, parsed } from './json';
import type { HttpRequest } from './requests';

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  /** Those that say something of the row: ETag, Location, Link… */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
  readonly json: Json | undefined;
  readonly milliseconds: number;
}

export interface Operation {
  readonly query: string;
  readonly variables: Json;
  readonly operationName: string | null;
}

const TOLD = ['etag', 'location', 'link', 'preference-applied', 'retry-after', 'www-authenticate', 'allow'];

let token = '';

export function useToken(text: string): void {
  token = text.trim().replace(/^Bearer\s+/i, '');
}

export function hasToken(): boolean {
  return token !== '';
}

/** Send one request. Rejects where no answer comes. */
export async function send(asked: HttpRequest, signal?: AbortSignal): Promise<Reply> {
  const headers = new Headers(asked.headers);
  if (token !== '' && !headers.has('Authorization')) headers.set('Authorization', `Bearer ${token}`);
  const began = performance.now();
  // The origin stands in front, so that no path can name another host.
  const answer = await fetch(location.origin + asked.target, {
    method: asked.method,
    headers,
    cache: 'no-store',
    ...(asked.content === '' ? {} : { body: asked.content }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    statusText: answer.statusText,
    headers: TOLD.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name) ?? ''] as const] : [])),
    text,
    json: parsed(text),
    milliseconds: Math.round(performance.now() - began),
  };
}

export function sendOperation(endpoint: string, operation: Operation, signal?: AbortSignal): Promise<Reply> {
  return send(operationRequest(endpoint, operation), signal);
}

export function operationRequest(endpoint: string, operation: Operation): HttpRequest {
  return { method: 'POST', target: endpoint, headers: { 'Content-Type': 'application/json' }, content: JSON.stringify(operation) };
}
