// Starts GraphiQL with what the page says in <script id="page" type="application/json">.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
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

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: page.query,
    plugins: [HISTORY_PLUGIN],
    shouldPersistHeaders: false,
  }),
);
