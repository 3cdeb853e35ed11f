// One action in the words of both doors, each to read, to edit, to copy and to run; whichever is edited, the other follows.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isObject, parsed } from '../json';
import type { About } from '../page';
import { type HttpRequest, asText } from '../requests';
import { addressOf } from '../route';
import { type Reply, hasToken, send, sendOperation } from '../send';
import type { Language, Spelled, Translator } from '../translate';
import { CopyButton, ReplyView } from './bits';

export type Source = { readonly request: HttpRequest } | { readonly text: string; readonly variables: string };

interface SpellingsProps {
  readonly about: About;
  readonly translate: Translator;
  readonly source: Source;
  /** Told after each run, since rows may have changed. */
  readonly onRun?: (method: string) => void;
}

// As long as somebody is writing, nothing is asked (milliseconds).
const PAUSE = 250;
const LANGUAGES: readonly Language[] = ['curl', 'fetch', 'httpx'];
const NOTHING: Spelled = { rest: [], graphql: null, notes: [], error: null };

export function Spellings({ about, translate, source, onRun }: SpellingsProps): JSX.Element {
  const [spelled, setSpelled] = useState<Spelled>(NOTHING);
  const [query, setQuery] = useState('');
  const [variables, setVariables] = useState('');
  const [rest, setRest] = useState('');
  const [language, setLanguage] = useState<Language>('curl');
  const [edited, setEdited] = useState<'neither' | 'rest' | 'graphql'>('neither');
  const [waiting, setWaiting] = useState(false);
  const [replies, setReplies] = useState<readonly Reply[]>([]);
  const [ranBy, setRanBy] = useState('');
  const asking = useRef<AbortController>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  /** Translate `text`, and put what comes back into the side that was not edited. */
  const follow = (text: string, given: string, side: 'neither' | 'rest' | 'graphql', pause: number): void => {
    clearTimeout(timer.current);
    asking.current?.abort();
    setEdited(side);
    if (text.trim() === '') {
      setWaiting(false);
      return setSpelled(NOTHING);
    }
    setWaiting(true);
    const mine = new AbortController();
    asking.current = mine;
    timer.current = setTimeout(() => {
      const read = given.trim() === '' ? {} : parsed(given);
      if (!isObject(read)) return settle({ ...NOTHING, error: 'The variables must be a JSON object, such as {"id": "1"}.' }, side);
      translate(text, read, mine.signal).then(
        (answer) => mine.signal.aborted || settle(answer, side),
        (error: unknown) => mine.signal.aborted || settle({ ...NOTHING, error: `No translation: ${String(error)}` }, side),
      );
    }, pause);
  };

  const settle = (answer: Spelled, side: 'neither' | 'rest' | 'graphql'): void => {
    setWaiting(false);
    setSpelled(answer);
    if (side !== 'rest') setRest(answer.rest.map(({ code }) => code.curl).join('\n\n'));
    if (side !== 'graphql') {
      setQuery(answer.graphql?.query ?? '');
      setVariables(answer.graphql === null ? '' : JSON.stringify(answer.graphql.variables, null, 2));
    }
  };

  const key = 'request' in source ? asText(source.request) : `${source.text}\n${source.variables}`;
  useEffect(() => {
    setReplies([]);
    if ('request' in source) follow(key, '', 'neither', 0);
    else {
      const isRest = /^\s*(curl\s|[A-Z]+\s+(\/|https?:))/.test(source.text);
      if (isRest) setRest(source.text);
      else {
        setQuery(source.text);
        setVariables(source.variables);
      }
      follow(source.text, isRest ? '' : source.variables, isRest ? 'rest' : 'graphql', 0);
    }
    return () => {
      clearTimeout(timer.current);
      asking.current?.abort();
    };
  }, [key]);

  const run = async (door: string, method: string, asked: readonly (() => Promise<Reply>)[]): Promise<void> => {
    setRanBy(door);
    const got: Reply[] = [];
    setReplies(got);
    try {
      for (const ask of asked) {
        got.push(await ask());
        setReplies([...got]);
      }
    } catch (error) {
      setSpelled({ ...spelled, error: `No answer came: ${error instanceof Error ? error.message : String(error)}` });
    }
    onRun?.(method);
  };
  const runRest = (): void => {
    if (!waiting && spelled.rest.length > 0) {
      void run('REST', spelled.rest.some((one) => one.request.method !== 'GET') ? 'WRITE' : 'GET', spelled.rest.map((one) => () => send(one.request)));
    }
  };
  const runGraphql = (): void => {
    if (query.trim() === '') return;
    const read = variables.trim() === '' ? {} : (parsed(variables) ?? null);
    const operationName = edited === 'graphql' ? null : (spelled.graphql?.operationName ?? null);
    const method = /^\s*mutation\b/m.test(query) ? 'WRITE' : 'GET';
    void run('GraphQL', method, [() => sendOperation(about.graphql, { query, variables: read, operationName })]);
  };
  const onKey = (go: () => void) => (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      go();
    }
  };
  const code = language === 'curl' ? rest : spelled.rest.map((one) => one.code[language]).join('\n\n');
  const lines = (text: string, least: number): number => Math.min(26, Math.max(least, text.split('\n').length));
  const playground = `${about.graphql}#${new URLSearchParams({ query, variables })}`;

  return (
    <section class="spellings" aria-label="Both spellings" aria-busy={waiting}>
      <div class="door graphql">
        <header>
          <h2>GraphQL</h2>
          <span class="grow" />
          <a href={playground}>Playground</a>
          <CopyButton text={query} label="GraphQL" />
          <button type="button" class="run" disabled={query.trim() === ''} onClick={runGraphql}>
            Run <span class="hidden">through GraphQL</span>
          </button>
        </header>
        <textarea
          class="code"
          aria-label="GraphQL document"
          spellcheck={false}
          rows={lines(query, 8)}
          value={query}
          onKeyDown={onKey(runGraphql)}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            follow(event.currentTarget.value, variables, 'graphql', PAUSE);
          }}
        />
        <textarea
          class="code"
          aria-label="Variables"
          placeholder="variables, as JSON"
          spellcheck={false}
          rows={lines(variables, 2)}
          value={variables}
          onKeyDown={onKey(runGraphql)}
          onInput={(event) => {
            setVariables(event.currentTarget.value);
            follow(query, event.currentTarget.value, 'graphql', PAUSE);
          }}
        />
      </div>
      <div class="door rest">
        <header>
          <h2>REST</h2>
          <div class="tabs" role="group" aria-label="Written for">
            {LANGUAGES.map((one) => (
              <button key={one} type="button" class="tab" aria-pressed={one === language} onClick={() => setLanguage(one)}>
                {one}
              </button>
            ))}
          </div>
          <span class="grow" />
          <CopyButton text={code} label={language} />
          <button type="button" class="run" disabled={waiting || spelled.rest.length === 0} onClick={runRest}>
            Run <span class="hidden">through REST</span>
          </button>
        </header>
        <textarea
          class="code"
          aria-label={`REST as ${language}`}
          spellcheck={false}
          rows={lines(code, 4)}
          readOnly={language !== 'curl'}
          value={code}
          onKeyDown={onKey(runRest)}
          onInput={(event) => {
            setRest(event.currentTarget.value);
            follow(event.currentTarget.value, '', 'rest', PAUSE);
          }}
        />
      </div>
      <div role="status" class="status">
        {!waiting && spelled.error !== null && <p class="note">{spelled.error}</p>}
        {!waiting && spelled.error === null && spelled.notes.map((note) => <p class="note">{note}</p>)}
        {hasToken() && <p class="note">Your token goes along when you run this; what you copy does not have it.</p>}
      </div>
      {replies.map((reply, at) => (
        <ReplyView key={at} reply={reply} label={`Answer of ${ranBy}`} />
      ))}
      <p class="below">
        <a href={addressOf({ at: 'bench', text: edited === 'rest' ? rest : query, variables: edited === 'rest' ? '' : variables })}>Link to this</a>
        <span>A link fills in; it never runs anything by itself. Ctrl+Enter runs.</span>
      </p>
    </section>
  );
}
