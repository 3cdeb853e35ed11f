// Builds the pages' scripts and styles into the folder given as the first argument; those of the console, which Vite has built by
// then, are taken from the folder given as the third.
//
// The folder gets `manifest.json` and one folder named by the digest of all that lies in it: its addresses may be
// cached for ever, and a file in it may name another by a relative address. Beside each file that shrinks lies a `.gz`.

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const [target, sources = '', console] = process.argv.slice(2);
if (!target || !console) throw new Error('usage: node build.js FOLDER DIGEST-OF-SOURCES FOLDER-OF-THE-CONSOLE');
const out = resolve(target);
const fresh = join(out, 'fresh');

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: 'none', // the licences of all packages go into LICENSES.txt
  logLevel: 'warning',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
};

rmSync(out, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });

const pages = await build({
  ...shared,
  entryPoints: { graphiql: 'graphiql.js', swagger: 'swagger.js' },
  outdir: fresh,
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  assetNames: 'font-[hash]',
  loader: { '.ttf': 'file', '.woff2': 'file' },
});
// A worker is started by address, so each is a file of its own that imports nothing.
const workers = await build({
  ...shared,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  outdir: fresh,
  format: 'iife',
});
for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
  const text = readFileSync(join(here, 'node_modules/swagger-ui-dist', name), 'utf8');
  writeFileSync(join(fresh, name), text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=[^\n]*\n?$/, '\n'));
}
for (const name of readdirSync(console)) copyFileSync(join(console, name), join(fresh, name));
writeFileSync(join(fresh, 'LICENSES.txt'), licences([pages.metafile, workers.metafile]));

const files = readdirSync(fresh).sort();
const digest = createHash('sha256');
for (const name of files) digest.update(`${name}\0`).update(readFileSync(join(fresh, name)));
const version = digest.digest('hex').slice(0, 16);
for (const name of files) {
  const plain = readFileSync(join(fresh, name));
  const packed = gzipSync(plain, { level: 9 });
  if (packed.length < plain.length * 0.9) writeFileSync(join(fresh, `${name}.gz`), packed);
}
renameSync(fresh, join(out, version));
// Written last: a build that was cut short has no manifest and is made again.
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ version, sources, files }, null, 2)}\n`);

/** The notices that the licences of the bundled packages ask for, one after another. */
function licences(metafiles) {
  const { dependencies } = JSON.parse(readFileSync(join(here, '../console/package.json'), 'utf8'));
  const folders = new Set([join(here, 'node_modules/swagger-ui-dist')]);
  for (const name of Object.keys(dependencies)) folders.add(join(here, '../console/node_modules', name));
  for (const { inputs } of metafiles) {
    for (const input of Object.keys(inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(here, input));
      if (found) folders.add(found[1]);
    }
  }
  const notices = [];
  for (const folder of [...folders].sort((a, b) => (a < b ? -1 : 1))) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    notices.push([`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n'));
  }
  return `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
