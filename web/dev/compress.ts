/** Puts `NAME.br` and `NAME.gz` beside every built file that they make smaller, for servers that send them. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

/** Smaller files fit into one packet anyway, bytes. */
const WORTHWHILE_BYTES = 1400;

export function compress(): Plugin {
  let folder = '';
  return {
    name: 'causeway-compress',
    apply: 'build',
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) compressFile(join(entry.parentPath, entry.name));
      }
    },
  };
}

function compressFile(path: string): void {
  const content = readFileSync(path);
  if (content.length < WORTHWHILE_BYTES) return;
  for (const [suffix, encoded] of [
    ['br', brotliCompressSync(content)],
    ['gz', gzipSync(content, { level: 9 })],
  ] as const) {
    if (encoded.length < content.length) writeFileSync(`${path}.${suffix}`, encoded);
  }
}
