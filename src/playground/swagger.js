// Starts Swagger UI with what the page says in <script id="page" type="application/json">.

import './swagger.css';

const page = JSON.parse(document.getElementById('page').textContent);

// Swagger UI 5 has dark colours of its own, behind a class on the root element.
const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();

globalThis.SwaggerUIBundle({
  url: page.openapi,
  dom_id: '#swagger',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A badge would ask a server elsewhere whether the document is valid.
  validatorUrl: null,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
});
