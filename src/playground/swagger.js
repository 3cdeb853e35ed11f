// Starts Swagger UI with what the page says in <script id="page" type="application/json">.

import { firstRow, itemOf, read } from './rows.js';
import './swagger.css';

const WRITES = new Set(['put', 'patch', 'delete']);

const page = JSON.parse(document.getElementById('page').textContent);

// Swagger UI 5 has dark colours of its own, behind a class on the root element.
const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();

const openapi = await ready(page.console);

globalThis.SwaggerUIBundle({
  ...(openapi ? { spec: openapi } : { url: page.openapi }),
  dom_id: '#swagger',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A badge would ask a server elsewhere whether the document is valid.
  validatorUrl: null,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
});

/** The OpenAPI document with the key and the tag of a row that is there, so that every operation runs as it stands. */
async function ready(console) {
  const openapi = console && (await read(page.openapi));
  if (!openapi) return undefined;
  for (const resource of console.resources) {
    const row = await firstRow(console, resource);
    const [, item] = itemOf(console, openapi, resource);
    for (const parameter of item.parameters ?? []) {
      if (row && parameter.in === 'path') parameter.example = row[resource.key];
    }
    for (const path of [item, openapi.paths[`${console.api}/${resource.path}`] ?? {}]) {
      for (const [method, operation] of Object.entries(path)) {
        operation.parameters = operation.parameters?.map((one) => plain(openapi, one, item === path && WRITES.has(method) && row));
      }
    }
  }
  return openapi;
}

/** A parameter without the examples that Swagger UI would send along; `If-Match` of a write gets the tag of `row`. */
function plain(openapi, parameter, row) {
  const [, , group, name] = parameter.$ref?.split('/') ?? [];
  const { examples: _examples, ...whole } = name ? (openapi.components[group]?.[name] ?? parameter) : parameter;
  return row && whole.name === 'If-Match' ? { ...whole, example: `"${row.version}"` } : whole;
}
