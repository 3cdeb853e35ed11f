// One row: its representation, version and tag, and the three ways to change it.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { JsonObject } from '../json';
import { type Outcome, attempted, restOutcome } from '../outcome';
import { fetchRequest } from '../requests';
import { addressOf } from '../route';
import { send } from '../send';
import type { ViewProps } from './app';
import { Title, Told } from './bits';
import { Editor, type Way } from './editor';
import { Spellings } from './spellings';

type Tab = 'read' | Way;
const TABS: readonly (readonly [Tab, string])[] = [
  ['read', 'Read'],
  ['patch', 'Patch'],
  ['replace', 'Replace'],
  ['delete', 'Delete'],
];

export function RowView({ about, translate, resource, arrived, rowKey }: ViewProps & { readonly rowKey: string }): JSX.Element {
  const [row, setRow] = useState<JsonObject | null>(null);
  const [trouble, setTrouble] = useState<Outcome | null>(null);
  const [tab, setTab] = useState<Tab>('read');
  const [turn, setTurn] = useState(0);
  const request = fetchRequest(resource, rowKey);

  useEffect(() => {
    const leaving = new AbortController();
    void attempted(send(request, leaving.signal).then(restOutcome)).then((outcome) => {
      if (leaving.signal.aborted) return;
      setRow(outcome.kind === 'written' ? outcome.row : null);
      setTrouble(outcome.kind === 'written' ? null : outcome);
    });
    return () => leaving.abort();
  }, [turn]);

  return (
    <>
      <p class="trail">
        <a href={addressOf({ at: 'list', path: resource.path, query: '' })}>{resource.name}</a>
      </p>
      <header class="view-head">
        <div>
          <Title arrived={arrived}>
            {resource.name} {rowKey}
          </Title>
          {row !== null && (
            <p class="facts">
              version <code data-testid="version">{String(row.version)}</code> tag <code>"{String(row.version)}"</code>
            </p>
          )}
        </div>
        <div class="doors">
          <button type="button" onClick={() => setTurn(turn + 1)}>
            Read again
          </button>
          <a class="button" href={addressOf({ at: 'theatre', path: resource.path, key: rowKey })}>
            Conflict theatre
          </a>
        </div>
      </header>
      <Told outcome={trouble} prefix={about.prefix} />
      {row !== null && (
        <>
          <div class="tabs big" role="group" aria-label="What to do with the row">
            {TABS.map(([name, label]) => (
              <button key={name} type="button" class="tab" aria-pressed={tab === name} onClick={() => setTab(name)}>
                {label}
              </button>
            ))}
          </div>
          {tab === 'read' ? (
            <>
              <dl class="panel values">
                {resource.columns.map(({ name, about: meaning }) => (
                  <div key={name}>
                    <dt title={meaning}>{name}</dt>
                    <dd>{typeof row[name] === 'string' ? row[name] : <code>{JSON.stringify(row[name], null, 2)}</code>}</dd>
                  </div>
                ))}
              </dl>
              <Spellings about={about} translate={translate} source={{ request }} onRun={(method) => method === 'GET' || setTurn(turn + 1)} />
            </>
          ) : (
            <Editor
              key={`${tab} ${turn}`}
              id={tab}
              about={about}
              translate={translate}
              resource={resource}
              rowKey={rowKey}
              row={row}
              way={tab}
              spelled
              onSaved={(_door, { outcome }) => {
                if (outcome.kind === 'written') setRow(outcome.row);
                if (outcome.kind === 'deleted') {
                  setRow(null);
                  setTrouble(outcome);
                }
              }}
            />
          )}
        </>
      )}
    </>
  );
}
