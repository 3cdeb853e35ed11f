// What both have changed since, field by field, and what the merge of it will be.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JsonObject } from '../json';
import type { Choices, Difference } from '../merge';
import { shown } from './bits';

interface MergeProps {
  readonly id: string;
  readonly found: readonly Difference[];
  readonly theirs: JsonObject;
  readonly onTake: (choices: Choices) => void;
}

const WHO = { me: 'You alone changed it', them: 'Only the other changed it', both: 'Both changed it' };

export function MergeView({ id, found, theirs, onTake }: MergeProps): JSX.Element {
  const [choices, setChoices] = useState<Choices>({});
  return (
    <section class="panel merge" aria-label="Merge">
      <h3>Merge with version {String(theirs.version)}</h3>
      {found.length === 0 && <p>Both have the same content; there is nothing left to write.</p>}
      {found.map(({ name, base, mine, theirs: other, by }) => (
        <fieldset key={name}>
          <legend>
            <b>{name}</b> <span class="soft">{WHO[by]}; it was {shown(base)}</span>
          </legend>
          {(['mine', 'theirs'] as const).map((side) => {
            const taken = by === 'both' ? (choices[name] ?? 'theirs') === side : (by === 'me') === (side === 'mine');
            return (
              <label key={side}>
                <input
                  type="radio"
                  name={`${id}-merge-${name}`}
                  checked={taken}
                  disabled={by !== 'both'}
                  onChange={() => setChoices({ ...choices, [name]: side })}
                />{' '}
                {side === 'mine' ? 'Yours' : 'Theirs'}: <code>{shown(side === 'mine' ? mine : other)}</code>
              </label>
            );
          })}
        </fieldset>
      ))}
      <p class="soft">The merge is put into the form, on version {String(theirs.version)}. Nothing is sent until you send it.</p>
      <button type="button" class="primary" onClick={() => onTake(choices)}>
        Put the merge into the form
      </button>
    </section>
  );
}
