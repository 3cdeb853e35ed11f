// A form of fields. What is wrong with a field stands beneath it, and assistive technology is told that it belongs there.

import type { JSX } from 'preact';
import { type Entry, type Field, OUT } from '../fields';
import type { Entries } from '../forms';

interface FormProps {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly entries: Entries;
  readonly told: ReadonlyMap<string, readonly string[]>;
  readonly onChange: (entries: Entries) => void;
}

export function Fields({ id, fields, entries, told, onChange }: FormProps): JSX.Element {
  return (
    <div class="fields">
      {fields.map((field) => (
        <OneField
          key={field.name}
          id={`${id}-${field.name}`}
          field={field}
          entry={entries[field.name] ?? OUT}
          told={told.get(field.name) ?? []}
          onChange={(entry) => onChange({ ...entries, [field.name]: entry })}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly field: Field;
  readonly entry: Entry;
  readonly told: readonly string[];
  readonly onChange: (entry: Entry) => void;
}

function OneField({ id, field, entry, told, onChange }: FieldProps): JSX.Element {
  const bad = told.length > 0;
  return (
    <div class={bad ? 'field bad' : 'field'}>
      <div class="label">
        <label for={id}>{field.name}</label>
        {field.required && <span class="required">required</span>}
        <small>{kindOf(field)}</small>
        <span class="grow" />
        {field.nullable && (
          <label class="small">
            <input
              type="checkbox"
              checked={entry.state === 'null'}
              aria-label={`${field.name} is null`}
              onChange={(event) => onChange(event.currentTarget.checked ? { state: 'null' } : OUT)}
            />
            null
          </label>
        )}
        {entry.state !== 'out' && (
          <button type="button" class="quiet small" aria-label={`Leave out ${field.name}`} onClick={() => onChange(OUT)}>
            leave out
          </button>
        )}
      </div>
      <Control id={id} field={field} entry={entry} bad={bad} onChange={onChange} />
      <p id={`${id}-about`} class="about">
        {field.about}
      </p>
      <p id={`${id}-told`} class="told">
        {told.join(' ')}
      </p>
    </div>
  );
}

function Control({ id, field, entry, bad, onChange }: Omit<FieldProps, 'told'> & { readonly bad: boolean }): JSX.Element {
  const shared = { id, 'aria-describedby': `${id}-about ${id}-told`, 'aria-invalid': bad, 'aria-required': field.required };
  const text = entry.state === 'text' ? entry.text : '';
  const write = (written: string): void => onChange({ state: 'text', text: written });
  if (field.kind === 'boolean' || field.kind === 'choice') {
    const values = field.kind === 'boolean' ? [true, false] : field.choices;
    return (
      <select
        {...shared}
        value={text}
        onChange={(event) => (event.currentTarget.value === '' ? onChange(OUT) : write(event.currentTarget.value))}
      >
        <option value="">{entry.state === 'null' ? 'null' : placeholder(field)}</option>
        {values.map((value) => (
          <option key={JSON.stringify(value)} value={JSON.stringify(value)}>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </option>
        ))}
      </select>
    );
  }
  const hint = entry.state === 'null' ? 'null' : placeholder(field);
  if (field.kind === 'json' || field.kind === 'long text') {
    return (
      <textarea
        {...shared}
        class={field.kind === 'json' ? 'code' : ''}
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        spellcheck={field.kind !== 'json'}
        placeholder={hint}
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
      />
    );
  }
  const isNumber = field.kind === 'integer' || field.kind === 'number';
  return (
    <input
      {...shared}
      type="text"
      autocomplete="off"
      inputMode={isNumber ? 'decimal' : 'text'}
      placeholder={hint}
      value={text}
      onInput={(event) => write(event.currentTarget.value)}
    />
  );
}

function placeholder(field: Field): string {
  if (field.usual === undefined) return field.required ? '' : 'left out';
  return `left out, so ${JSON.stringify(field.usual)}`;
}

function kindOf({ kind, schema }: Field): string {
  const { minLength, maxLength, minimum, maximum, format } = schema;
  const bounds = [
    typeof maxLength === 'number' ? `${typeof minLength === 'number' ? minLength : 0}–${maxLength} characters` : '',
    // The bounds of 32 bits say nothing that somebody must know.
    typeof minimum === 'number' && minimum > -2147483648 ? `from ${minimum}` : '',
    typeof maximum === 'number' && maximum < 2147483647 ? `to ${maximum}` : '',
    typeof format === 'string' && !/^int\d+$/.test(format) ? format : '',
  ];
  const name = kind === 'json' ? (typeof schema.type === 'string' ? schema.type : 'JSON') : kind === 'long text' ? 'text' : kind;
  return [name, ...bounds].filter((part) => part !== '').join(', ');
}
