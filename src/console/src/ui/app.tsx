// The frame: where one can go, who one is, and the view that the address names.

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isObject } from '../json';
import { type Resource, readResources } from '../openapi';
import type { About } from '../page';
import { type Route, addressOf, readAddress } from '../route';
import { send, useToken } from '../send';
import { type Theme, choose, readTheme } from '../theme';
import { type Translator, serverTranslator } from '../translate';
import { BenchView } from './bench';
import { ListView } from './list';
import { NewView } from './new';
import { RowView } from './row';
import { TheatreView } from './theatre';

export interface ViewProps {
  readonly about: About;
  readonly translate: Translator;
  readonly resource: Resource;
  /** Whether one has come here from another view. */
  readonly arrived: boolean;
}

export function App({ about }: { readonly about: About }): JSX.Element {
  const [fragment, setFragment] = useState(location.hash);
  const [resources, setResources] = useState<readonly Resource[] | null>(null);
  const [trouble, setTrouble] = useState('');
  const [turn, setTurn] = useState(0);
  const [moved, setMoved] = useState(false);
  const main = useRef<HTMLElement>(null);
  const translate = useMemo(() => serverTranslator(about.explain), [about]);

  useEffect(() => {
    const follow = (): void => {
      setFragment(location.hash);
      setMoved(true);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    send({ method: 'GET', target: about.openapi, headers: {}, content: '' }).then(
      ({ json, status }) => {
        if (status === 200 && isObject(json)) setResources(readResources(about, json));
        setTrouble(status === 200 ? '' : `The OpenAPI document, ${about.openapi}, was answered with ${status}; the console takes its forms from it.`);
      },
      (error: unknown) => setTrouble(`The OpenAPI document did not come: ${String(error)}`),
    );
  }, [turn]);

  const route = readAddress(fragment);
  const current = 'path' in route ? route.path : (about.resources[0]?.path ?? '');
  return (
    <>
      <a class="skip" href={fragment || '#'} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <Banner about={about} onToken={() => setTurn(turn + 1)} />
      <div class="frame">
        <nav class="resources" aria-label="Resources">
          <ul>
            {about.resources.map(({ name, path }) => (
              <li key={path}>
                <a href={addressOf({ at: 'list', path, query: '' })} aria-current={route.at !== 'bench' && path === current ? 'page' : undefined}>
                  {name}
                </a>
              </li>
            ))}
            <li class="apart">
              <a href="#/" aria-current={route.at === 'bench' ? 'page' : undefined}>
                Translate
              </a>
            </li>
          </ul>
        </nav>
        <main ref={main} tabIndex={-1}>
          {trouble !== '' && <p class="note bad">{trouble}</p>}
          {resources === null ? (
            trouble === '' && <p class="soft">Reading what there is…</p>
          ) : (
            <View key={`${turn} ${viewKey(route)}`} about={about} translate={translate} resources={resources} route={route} arrived={moved} />
          )}
        </main>
      </div>
    </>
  );
}

interface BannerProps {
  readonly about: About;
  readonly onToken: () => void;
}

function Banner({ about, onToken }: BannerProps): JSX.Element {
  const [theme, setTheme] = useState<Theme>(readTheme);
  const [token, setToken] = useState('');
  return (
    <header class="banner">
      <a class="brand" href="#">
        {about.title}
      </a>
      <nav aria-label="Pages">
        <a href={about.graphql}>GraphQL playground</a>
        <a href={`${about.prefix}/docs`}>REST reference</a>
        <a href={`${about.prefix}/problems`}>Problems</a>
      </nav>
      <span class="grow" />
      <form
        class="token"
        onSubmit={(event) => {
          event.preventDefault();
          useToken(token);
          onToken();
        }}
      >
        <label for="token">Bearer token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          placeholder={about.asksWho ? 'needed here' : 'none needed'}
          title="Kept in memory until this page is closed, and sent to this server alone."
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit">Use</button>
      </form>
      <label class="theme">
        <span class="hidden">Colours</span>
        <select
          value={theme}
          onChange={(event) => {
            const next = event.currentTarget.value as Theme;
            setTheme(next);
            choose(next);
          }}
        >
          <option value="system">System colours</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
    </header>
  );
}

type AnyView = Omit<ViewProps, 'resource'> & { readonly resources: readonly Resource[]; readonly route: Route };

function View({ resources, route, ...shared }: AnyView): JSX.Element {
  if (route.at === 'bench') return <BenchView {...shared} text={route.text} variables={route.variables} />;
  const resource = route.at === 'start' ? resources[0] : resources.find(({ path }) => path === route.path);
  if (resource === undefined) {
    return <p class="note">{resources.length === 0 ? 'This bridge has no resources.' : 'There is no such resource; choose one of those that are listed.'}</p>;
  }
  switch (route.at) {
    case 'start':
      return <ListView {...shared} resource={resource} query="" />;
    case 'list':
      return <ListView {...shared} resource={resource} query={route.query} />;
    case 'new':
      return <NewView {...shared} resource={resource} />;
    case 'row':
      return <RowView {...shared} resource={resource} rowKey={route.key} />;
    case 'theatre':
      return <TheatreView {...shared} resource={resource} rowKey={route.key} />;
  }
}

/** Another query is the same list, whose heading need not be read out again; everything else is another view. */
function viewKey(route: Route): string {
  return route.at === 'list' || route.at === 'start' ? `list ${'path' in route ? route.path : ''}` : addressOf(route);
}
