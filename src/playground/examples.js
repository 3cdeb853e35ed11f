// GraphiQL's panel of examples: for each resource what can be done with it, filled in with a row that is there. Nothing runs by itself.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { createElement as h, useEffect, useState } from 'react';
import { firstRow, itemOf, read } from './rows.js';

const MERGE_PATCH = 'application/merge-patch+json';

/** Each example as the REST request that means the same; the server says it in GraphQL, as the console has it. */
async function requestsOf(console, resource) {
  const [openapi, row] = await Promise.all([read(console.openapi), firstRow(console, resource)]);
  const collection = `${console.prefix}${console.api}/${resource.path}`;
  const [, item] = itemOf(console, openapi, resource);
  const example = (operation, media) => operation?.requestBody?.content?.[media]?.example;
  const create = example(openapi?.paths?.[`${console.api}/${resource.path}`]?.post, 'application/json');
  const known = row ?? { [resource.key]: create?.[resource.key] ?? 1, version: 1 };
  const target = `${collection}/${encodeURIComponent(known[resource.key])}`;
  const condition = `If-Match: "${known.version}"`;
  const { [resource.key]: _key, version: _version, ...document } = known;
  const replace = row ? document : example(item.put, 'application/json');
  const patch = example(item.patch, MERGE_PATCH);
  return {
    List: `GET ${collection}?limit=5`,
    Read: `GET ${target}`,
    Create: create && `POST ${collection}\n\n${JSON.stringify(create)}`,
    Replace: replace && `PUT ${target}\n${condition}\n\n${JSON.stringify(replace)}`,
    Patch: patch && `PATCH ${target}\n${condition}\nContent-Type: ${MERGE_PATCH}\n\n${JSON.stringify(patch)}`,
    Delete: `DELETE ${target}\n${condition}`,
  };
}

const KINDS = ['List', 'Read', 'Create', 'Replace', 'Patch', 'Delete'];

function Examples({ console }) {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const [wanted, setWanted] = useState();
  const [trouble, setTrouble] = useState('');
  // The editors may come later than the panel, and a click before them is not lost.
  useEffect(() => {
    if (!wanted || !queryEditor || !variableEditor) return;
    addTab();
    queryEditor.setValue(wanted.query);
    variableEditor.setValue(JSON.stringify(wanted.variables, null, 2));
    setWanted(undefined);
  }, [wanted, queryEditor, variableEditor]);
  async function open(resource, kind) {
    const text = (await requestsOf(console, resource))[kind];
    const asked = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }) };
    const operation = text && (await read(console.explain, asked))?.explained?.operation;
    if (!operation) return setTrouble(`There is no example of this for ${resource.name}.`);
    setTrouble('');
    setWanted(operation);
  }
  return h(
    'section',
    { className: 'examples', 'aria-label': 'Examples' },
    h('div', { className: 'graphiql-doc-explorer-title' }, 'Examples'),
    h('p', null, 'Each opens in a tab of its own, with variables that fit a row which is there. Nothing runs until you run it.'),
    ...console.resources.map((resource) =>
      h(
        'div',
        { key: resource.name },
        h('h2', null, resource.name),
        h('ul', null, ...KINDS.map((kind) =>
          h('li', { key: kind }, h('button', { type: 'button', onClick: () => open(resource, kind) }, `${kind} ${resource.name}`)),
        )),
      ),
    ),
    h('p', { role: 'status' }, trouble),
  );
}

const Icon = () =>
  h('svg', { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 }, h('path', { d: 'M5 4h14v16H5zM8 8h8M8 12h8M8 16h5' }));

export function examplesPlugin(console) {
  return { title: 'Examples', icon: Icon, content: () => h(Examples, { console }) };
}
