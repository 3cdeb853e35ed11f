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

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: page.endpoint, enableIncrementalDelivery: false }),
    defaultQuery: page.query,
    plugins: [HISTORY_PLUGIN],
    shouldPersistHeaders: false,
  }),
);
