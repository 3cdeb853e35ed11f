// Builds the console into one script and one style sheet, whose names stay: the folder they are served from names their content.

import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The first that know light-dark(), which would otherwise be rewritten to what the system has, whatever somebody chose.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    outDir: 'dist',
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'src/main.tsx',
      output: { entryFileNames: 'console.js', chunkFileNames: 'console-[hash].js', assetFileNames: 'console[extname]' },
    },
  },
});
