/**
 * `virtual:zstd-wasm`: the address of the WebAssembly module that the package
 * `zstddec` carries inside its script. The package would load it from a
 * `data:` address, which the pages' policy forbids, and copies what it
 * decodes once more than needed; as a file of its own it is loaded from here.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Plugin } from 'vite';

const ID = 'virtual:zstd-wasm';
const RESOLVED = `\0${ID}`;
const DEV_PATH = '/@zstd.wasm';

/** The module out of the package's script. */
export function zstdModule(): Uint8Array<ArrayBuffer> {
  const script = readFileSync(createRequire(import.meta.url).resolve('zstddec'), 'utf8');
  const [, base64] = /"(AGFzbQ[A-Za-z0-9+/=]+)"/.exec(script) ?? [];
  if (!base64) throw new Error('the package zstddec no longer carries its module as base64');
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

export function zstdWasm(): Plugin {
  let building = false;
  return {
    name: 'causeway-zstd-wasm',
    configResolved: (config) => {
      building = config.command === 'build';
    },
    resolveId: (id) => (id === ID ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      if (!building) return `export default ${JSON.stringify(DEV_PATH)};`;
      const reference = this.emitFile({ type: 'asset', name: 'zstd.wasm', source: zstdModule() });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
    configureServer: (server) => {
      server.middlewares.use(DEV_PATH, (_request, response) => {
        response.setHeader('content-type', 'application/wasm');
        response.end(zstdModule());
      });
    },
  };
}
