// Starts GraphiQL with what the page says in <script id="page" type="application/json">.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import { examplesPlugin } from './examples.js';
import './graphiql.css';

const page = JSON.parse(document.getElementById('page').textContent);

const workers = { graphql: 'graphql.worker.js', json: 'json.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(workers[label] ?? 'editor.worker.js', import.meta.url));
  },
};

const ask = createGraphiQLFetcher({ url: page.endpoint, enableIncrementalDelivery: false });

// The worker prints the schema, and before its version 17 graphql-js throws on a scalar's default that is an object, such as
// `metadata: JSON! = {}`. The editor can do without these defaults.
function printable(answer) {
  for (const type of answer?.data?.__schema?.types ?? []) {
    for (const field of type.inputFields ?? []) {
      if (named(field.type).kind === 'SCALAR' && field.defaultValue?.includes('{')) field.defaultValue = null;
    }
  }
  return answer;
}

function named(type) {
  return type.ofType ? named(type.ofType) : type;
}

async function fetcher(operation, options) {
  const answer = await ask(operation, options);
  return operation.operationName === 'IntrospectionQuery' ? printable(answer) : answer;
}

// A link may fill the editors in, in its fragment, which no server sees; it never runs anything.
const linked = new URLSearchParams(location.hash.slice(1));
const filledIn = linked.get('query') ? { initialQuery: linked.get('query'), initialVariables: linked.get('variables') ?? '' } : {};

// The way to the other pages stands where the logo would.
const { console } = page;
const places = console ? { Console: `${console.prefix}/`, 'REST reference': `${console.prefix}/docs` } : {};
const ways = Object.entries(places).map(([label, href]) => createElement('a', { key: label, href }, label));

createRoot(document.getElementById('graphiql')).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      defaultQuery: page.query,
      plugins: console ? [HISTORY_PLUGIN, examplesPlugin(console)] : [HISTORY_PLUGIN],
      shouldPersistHeaders: false,
      ...filledIn,
    },
    createElement(GraphiQL.Logo, null, createElement('nav', { className: 'ways', 'aria-label': 'Pages' }, ...ways)),
  ),
);
