// A new row.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { blank, filled } from '../forms';
import { type Outcome, byField } from '../outcome';
import { writeRequest } from '../requests';
import { addressOf } from '../route';
import { type Door, save } from '../saving';
import type { ViewProps } from './app';
import { Title, Told } from './bits';
import { Doors, focusFirst, sending } from './doors';
import { Fields } from './form';
import { Spellings } from './spellings';

export function NewView({ about, translate, resource, arrived }: ViewProps): JSX.Element {
  const [entries, setEntries] = useState(() => blank(resource.create));
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { document, wrong } = filled(resource.create, entries);
  const request = writeRequest(resource, 'create', '', null, document);
  const names = resource.create.map((field) => field.name);
  const told = new Map([...byField(outcome?.kind === 'refused' ? outcome.violations : [], names), ...wrong]);

  const onSend = async (door: Door): Promise<void> => {
    if (wrong.size > 0) return focusFirst(form.current);
    setBusy(true);
    const saved = await save(door, request, resource, about, translate);
    setBusy(false);
    setOutcome(saved.outcome);
    if (saved.outcome.kind === 'written') location.hash = addressOf({ at: 'row', path: resource.path, key: String(saved.outcome.row[resource.key]) });
    else focusFirst(form.current);
  };
  return (
    <>
      <p class="trail">
        <a href={addressOf({ at: 'list', path: resource.path, query: '' })}>{resource.name}</a>
      </p>
      <Title arrived={arrived}>New {resource.name}</Title>
      <form ref={form} class="panel" noValidate {...sending((door) => void onSend(door))}>
        <Fields id="new" fields={resource.create} entries={entries} told={told} onChange={setEntries} />
        <Told outcome={outcome} prefix={about.prefix} />
        {(told.get('') ?? []).map((text) => (
          <p class="told">{text}</p>
        ))}
        <Doors what="Create" busy={busy} onSend={(door) => void onSend(door)} />
      </form>
      <Spellings about={about} translate={translate} source={{ request }} />
    </>
  );
}
