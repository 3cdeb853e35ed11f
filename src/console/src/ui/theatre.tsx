// The conflict theatre: two editors of one row, side by side. Whoever is late is refused, sees what is there now, and merges.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { JsonObject } from '../json';
import { type Outcome, attempted, restOutcome } from '../outcome';
import { fetchRequest } from '../requests';
import { addressOf } from '../route';
import type { Door, Saved } from '../saving';
import { type Reply, send } from '../send';
import { type Drafts, suggest } from '../suggest';
import type { ViewProps } from './app';
import { ReplyView, Title, Told } from './bits';
import { Editor } from './editor';

type Who = 'First' | 'Second';
type Answers = Readonly<Partial<Record<Door, Reply>>>;

interface Play {
  readonly row: JsonObject;
  readonly drafts: Drafts | null;
  readonly number: number;
}

export function TheatreView({ about, translate, resource, arrived, rowKey }: ViewProps & { readonly rowKey: string }): JSX.Element {
  const [play, setPlay] = useState<Play | null>(null);
  const [trouble, setTrouble] = useState<Outcome | null>(null);
  const [record, setRecord] = useState<readonly string[]>([]);
  const [answers, setAnswers] = useState<Readonly<Record<Who, Answers>>>({ First: {}, Second: {} });

  const begin = async (fillIn: boolean): Promise<void> => {
    const outcome = await attempted(send(fetchRequest(resource, rowKey)).then(restOutcome));
    setTrouble(outcome.kind === 'written' ? null : outcome);
    if (outcome.kind !== 'written') return setPlay(null);
    const row = outcome.row;
    setPlay((before) => ({ row, drafts: fillIn ? suggest(resource.replace, row) : null, number: (before?.number ?? 0) + 1 }));
    setAnswers({ First: {}, Second: {} });
    setRecord([`Both editors read version ${String(row.version)}.`]);
  };
  useEffect(() => void begin(false), []);

  const note = (text: string): void => setRecord((before) => [...before, text]);
  const onSaved = (who: Who) => (door: Door, { outcome, reply }: Saved, seen: JsonObject) => {
    note(`${who} editor, through ${door}: ${inWords(outcome, seen)}`);
    const isConflict = outcome.kind === 'refused' && outcome.code === 'version_mismatch' && reply !== null;
    setAnswers((before) => ({ ...before, [who]: isConflict ? { ...before[who], [door]: reply } : {} }));
  };
  return (
    <>
      <p class="trail">
        <a href={addressOf({ at: 'list', path: resource.path, query: '' })}>{resource.name}</a> ›{' '}
        <a href={addressOf({ at: 'row', path: resource.path, key: rowKey })}>{rowKey}</a>
      </p>
      <header class="view-head">
        <div>
          <Title arrived={arrived}>Conflict theatre</Title>
          <p class="about">
            Two people edit {resource.name} {rowKey}, and both began with the same version. Save the first, then the second: its update would
            undo the first one’s, so it is refused and nothing is written.
          </p>
        </div>
        <div class="doors">
          <button type="button" class="primary" onClick={() => void begin(true)}>
            Fill in two edits
          </button>
          <button type="button" onClick={() => void begin(false)}>
            Start over
          </button>
        </div>
      </header>
      <Told outcome={trouble} prefix={about.prefix} />
      {play !== null && (
        <>
          <section class="panel" aria-label="Record">
            <h2>What happened</h2>
            <ol aria-live="polite">
              {record.map((text, at) => (
                <li key={at}>{text}</li>
              ))}
            </ol>
          </section>
          <div class="stage">
            {(['First', 'Second'] as const).map((who) => {
              const draft = who === 'First' ? play.drafts?.first : play.drafts?.second;
              return (
                <section key={`${who} ${play.number}`} class="side" aria-label={`${who} editor`}>
                  <h2>{who} editor</h2>
                  <Editor
                    id={who}
                    about={about}
                    translate={translate}
                    resource={resource}
                    rowKey={rowKey}
                    row={play.row}
                    way="replace"
                    spelled={false}
                    onSaved={onSaved(who)}
                    onMerged={(row) => note(`${who} editor merged, and goes on from version ${String(row.version)}.`)}
                    {...(draft === undefined ? {} : { draft })}
                  />
                  <Conflict answers={answers[who]} />
                </section>
              );
            })}
          </div>
        </>
      )}
    </>
  );
}

/** The typed conflict as each door has it. */
function Conflict({ answers }: { readonly answers: Answers }): JSX.Element | null {
  const other = answers.REST === undefined ? 'REST' : answers.GraphQL === undefined ? 'GraphQL' : null;
  if (answers.REST === undefined && answers.GraphQL === undefined) return null;
  return (
    <section class="conflict" aria-label="The conflict on both doors">
      <h3>The same conflict, typed, on both doors</h3>
      {answers.REST !== undefined && <ReplyView reply={answers.REST} label="REST says" />}
      {answers.GraphQL !== undefined && <ReplyView reply={answers.GraphQL} label="GraphQL says" />}
      {other !== null && (
        <p class="soft">Send it through {other} too, to see its answer: a stale write changes nothing, however often it is sent.</p>
      )}
    </section>
  );
}

function inWords(outcome: Outcome, seen: JsonObject): string {
  switch (outcome.kind) {
    case 'written':
      return outcome.row.version === seen.version
        ? `nothing changed, version ${String(seen.version)} stays.`
        : `version ${String(seen.version)} became version ${String(outcome.row.version)}.`;
    case 'deleted':
      return 'deleted.';
    case 'refused':
      return outcome.code === 'version_mismatch'
        ? `refused. It was made on version ${String(seen.version)}, and the row is at ${String(outcome.current?.version ?? 'another')}. No update was lost.`
        : `refused: ${outcome.detail}`;
    case 'failed':
      return outcome.detail;
  }
}
