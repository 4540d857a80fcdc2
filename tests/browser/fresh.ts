/** A new installation without anything in it, for one test. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Person } from './admin.ts';
import { program } from './stack.ts';

export type Fresh = { readonly url: string; readonly admin: Person; readonly stop: () => Promise<void> };

/** Starts `causeway up` on free ports, in a folder of its own. */
export async function startFresh(): Promise<Fresh> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-fresh-'));
  const admin = { username: 'admin', password: 'a-password-for-one-test' };
  const listen = ['--listen', '127.0.0.1:0', '--edge-listen', '127.0.0.1:0'];
  const child = spawn(program(), ['up', '--data-dir', folder, ...listen], {
    env: { ...process.env, CAUSEWAY_ADMIN_PASSWORD: admin.password },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready .*\burl=(\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, admin, stop };
  }
  await stop();
  throw new Error('the new installation did not start');
}
