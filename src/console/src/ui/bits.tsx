// Small parts that several views share.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Json } from '../json';
import type { Outcome } from '../outcome';
import type { Reply } from '../send';

/** The heading of a view. It takes the focus when one comes to the view by a link, so that a screen reader begins there. */
export function Title({ children, arrived }: { readonly children: ComponentChildren; readonly arrived: boolean }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (arrived) heading.current?.focus();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" class="quiet" aria-label={`Copy ${label}`} disabled={text === ''} onClick={() => void copy()}>
      {copied ? 'Copied' : 'Copy'}
    </button>
  );
}

/** Copies without the clipboard's own interface too, which is there for HTTPS and this machine alone. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** What happened, in words; `prefix` leads to the page of the problem. */
export function Told({ outcome, prefix }: { readonly outcome: Outcome | null; readonly prefix: string }): JSX.Element {
  return (
    <div role="status" class="status">
      {outcome !== null && <Words outcome={outcome} prefix={prefix} />}
    </div>
  );
}

function Words({ outcome, prefix }: { readonly outcome: Outcome; readonly prefix: string }): JSX.Element {
  switch (outcome.kind) {
    case 'written':
      return (
        <p class="note good">
          <b>{outcome.outcome === 'UNCHANGED' ? 'Nothing changed.' : 'Written.'}</b> The row is at version {String(outcome.row.version)}.
        </p>
      );
    case 'deleted':
      return (
        <p class="note good">
          <b>Deleted.</b>
        </p>
      );
    case 'refused':
      return (
        <p class="note bad">
          <b>Refused: {outcome.title}.</b> {outcome.detail}{' '}
          {/^[a-z_]+$/.test(outcome.code) && <a href={`${prefix}/problems/${outcome.code.replaceAll('_', '-')}`}>{outcome.code}</a>}
        </p>
      );
    case 'failed':
      return (
        <p class="note bad">
          <b>Failed.</b> {outcome.detail}
        </p>
      );
  }
}

/** An answer as it came. */
export function ReplyView({ reply, label }: { readonly reply: Reply; readonly label: string }): JSX.Element {
  const body = reply.json === undefined ? reply.text : JSON.stringify(reply.json, null, 2);
  return (
    <section class="reply" aria-label={label}>
      <p class="meta">
        <b>{label}</b>
        <b class={reply.status < 400 ? 'ok' : 'no'}>
          {reply.status} {reply.statusText}
        </b>
        <span>{reply.milliseconds} ms</span>
        {reply.headers.map(([name, value]) => (
          <code key={name}>
            {name}: {value}
          </code>
        ))}
      </p>
      {body !== '' && (
        <pre tabIndex={0} aria-label={`${label}, content`}>
          {body}
        </pre>
      )}
    </section>
  );
}

const LONG = 90;

/** A value in a cell or a sentence, cut where it is long. */
export function shown(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : value === undefined ? '—' : JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}
