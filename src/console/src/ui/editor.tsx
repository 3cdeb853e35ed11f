// An editor of one row: it knows the state it began with, sends its version along, and merges where somebody was faster.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Entries, entriesOf, filled, patchOf } from '../forms';
import type { JsonObject } from '../json';
import { differences, merged } from '../merge';
import type { Resource } from '../openapi';
import { type Outcome, byField } from '../outcome';
import type { About } from '../page';
import { type Verb, writeRequest } from '../requests';
import { type Door, type Saved, save } from '../saving';
import type { Translator } from '../translate';
import { Told } from './bits';
import { Doors, focusFirst, sending } from './doors';
import { Fields } from './form';
import { MergeView } from './merging';
import { Spellings } from './spellings';

export type Way = Exclude<Verb, 'create'>;

interface EditorProps {
  readonly about: About;
  readonly translate: Translator;
  readonly resource: Resource;
  readonly rowKey: string;
  /** What the editor begins with. */
  readonly row: JsonObject;
  readonly way: Way;
  readonly id: string;
  /** Filled in over the row, without being sent. */
  readonly draft?: JsonObject;
  /** Whether the spellings stand there at once, or only when asked for. */
  readonly spelled: boolean;
  readonly onSaved: (door: Door, saved: Saved, seen: JsonObject) => void;
  /** Where the editor has merged: with what, and what it begins with from then on. */
  readonly onMerged?: (row: JsonObject) => void;
}

export function Editor({ about, translate, resource, rowKey, row, way, id, draft, spelled, onSaved, onMerged }: EditorProps): JSX.Element {
  const fields = way === 'patch' ? resource.patch : way === 'replace' ? resource.replace : [];
  const [base, setBase] = useState(row);
  const [entries, setEntries] = useState<Entries>(() => entriesOf(resource.replace, { ...row, ...draft }));
  const [named, setNamed] = useState(true);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(spelled);
  const form = useRef<HTMLFormElement>(null);

  const { document, wrong } = way === 'patch' ? patchOf(fields, entries, base) : filled(fields, entries);
  const request = writeRequest(resource, way, rowKey, named ? Number(base.version) : null, document);
  const names = resource.replace.map((field) => field.name);
  const told = new Map([...byField(outcome?.kind === 'refused' ? outcome.violations : [], names), ...wrong]);
  const theirs = outcome?.kind === 'refused' && outcome.code === 'version_mismatch' ? outcome.current : null;

  const onSend = async (door: Door): Promise<void> => {
    if (wrong.size > 0) return focusFirst(form.current);
    setBusy(true);
    const saved = await save(door, request, resource, about, translate);
    setBusy(false);
    setOutcome(saved.outcome);
    if (saved.outcome.kind === 'written') {
      setBase(saved.outcome.row);
      setEntries(entriesOf(resource.replace, saved.outcome.row));
    } else focusFirst(form.current);
    onSaved(door, saved, base);
  };
  const take = (result: JsonObject, current: JsonObject): void => {
    setBase(current);
    setEntries(entriesOf(resource.replace, result));
    setOutcome(null);
    onMerged?.(current);
  };
  const word = { replace: 'Replace', patch: 'Patch', delete: 'Delete' }[way];
  const mine = { ...base, ...filled(resource.replace, entries).document };
  return (
    <>
      <form ref={form} class="panel" noValidate aria-label={`${word} ${resource.name} ${rowKey}`} {...sending((door) => void onSend(door))}>
        <p class="facts">
          Began with version <code>{String(base.version)}</code>
          {!resource.versionsRequired && (
            <label class="small">
              <input type="checkbox" checked={named} onChange={(event) => setNamed(event.currentTarget.checked)} /> send it along
            </label>
          )}
          {!named && <span class="warn">Without a version, whatever is there now is overwritten.</span>}
        </p>
        {way === 'delete' ? (
          <p>The row goes; its key {resource.clientKeyed ? 'can be taken again, with a higher version' : 'is never given again'}.</p>
        ) : (
          <Fields id={id} fields={fields} entries={entries} told={told} onChange={setEntries} />
        )}
        <Told outcome={outcome} prefix={about.prefix} />
        {(told.get('') ?? []).map((text) => (
          <p class="told">{text}</p>
        ))}
        <Doors what={word} busy={busy} onSend={(door) => void onSend(door)} />
      </form>
      {theirs !== null && way !== 'delete' && (
        <MergeView
          id={id}
          found={differences(names, base, mine, theirs)}
          theirs={theirs}
          onTake={(choices) => take(merged(theirs, differences(names, base, mine, theirs), choices), theirs)}
        />
      )}
      {theirs !== null && way === 'delete' && (
        <p class="panel">
          <button type="button" onClick={() => take(theirs, theirs)}>
            Begin with version {String(theirs.version)}
          </button>
        </p>
      )}
      {!spelled && (
        <button type="button" class="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide' : 'Show'} both spellings
        </button>
      )}
      {open && <Spellings about={about} translate={translate} source={{ request }} />}
    </>
  );
}
