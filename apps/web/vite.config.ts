import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Compresses the assets once, in place of at every request. */
const compressed = (): Plugin => ({
  name: 'compressed',
  writeBundle({ dir = '' }) {
    const folder = path.join(dir, 'assets');
    for (const file of readdirSync(folder)) {
      const content = readFileSync(path.join(folder, file));
      writeFileSync(path.join(folder, `${file}.br`), brotliCompressSync(content));
      writeFileSync(path.join(folder, `${file}.gz`), gzipSync(content, { level: 9 }));
    }
  },
});

export default defineConfig({
  plugins: [react(), compressed()],
  // Relative: the page names the place of the service in its `<base>`.
  base: './',
  build: {
    outDir: 'dist/site',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the client loads where a file is named by its path, as no browser does.
    rolldownOptions: { external: /^node:/, checks: { pluginTimings: false } },
    chunkSizeWarningLimit: 1000,
  },
  logLevel: 'warn',
});
