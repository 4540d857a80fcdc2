/** Generated code is committed; this says when it is no longer what its source makes. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, expect, it } from 'vitest';

const WEB = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(WEB, 'node_modules', '.bin');
const WIRE = 'src/wire/generated/causeway/session/v1/session_pb.ts';

const scratch = mkdtempSync(join(tmpdir(), 'causeway-generated-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('the session protocol is what the schema makes: else run `npm run generate:wire`', () => {
  const path = `${BIN}:${process.env.PATH ?? ''}`;
  execFileSync(join(BIN, 'buf'), ['generate', '--output', scratch], {
    cwd: WEB,
    env: { ...process.env, PATH: path },
  });
  expect(readFileSync(join(WEB, WIRE), 'utf8')).toBe(readFileSync(join(scratch, WIRE), 'utf8'));
}, 60_000);
