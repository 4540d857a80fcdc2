import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { compress } from './dev/compress';
import { zstdWasm } from './dev/zstd-wasm';

/** Where `npm run dev` finds the API: `causeway up`, or `npm run dev:mock`. */
const api = process.env.CAUSEWAY_API ?? 'http://127.0.0.1:4180';

export default defineConfig({
  plugins: [svelte(), zstdWasm(), compress()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The page runs under a policy without inline or data: scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    port: 4173,
    proxy: { '/api': { target: api, changeOrigin: false } },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  },
});
