// The two ways to send a form.

import type { JSX } from 'preact';
import type { Door } from '../saving';

interface DoorsProps {
  readonly what: string;
  readonly busy: boolean;
  readonly onSend: (door: Door) => void;
}

export function Doors({ what, busy, onSend }: DoorsProps): JSX.Element {
  return (
    <div class="doors">
      <button type="submit" class="primary rest" disabled={busy}>
        {what} through REST
      </button>
      <button type="button" class="primary graphql" disabled={busy} onClick={() => onSend('GraphQL')}>
        {what} through GraphQL
      </button>
    </div>
  );
}

/** Sends a form through REST, by its button, by Enter or by Ctrl+Enter from wherever in it one is. */
export function sending(onSend: (door: Door) => void): { onSubmit: (event: Event) => void; onKeyDown: (event: KeyboardEvent) => void } {
  return {
    onSubmit: (event) => {
      event.preventDefault();
      onSend('REST');
    },
    onKeyDown: (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      onSend('REST');
    },
  };
}

/** Go to the first field that something is wrong with. */
export function focusFirst(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
