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

const API = 'src/api/generated/schema.ts';

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

it('the API is what its description makes: else run `npm run generate:api`', () => {
  const made = join(scratch, 'schema.ts');
  execFileSync(join(BIN, 'openapi-typescript'), ['../functions/openapi.json', '--output', made], { cwd: WEB });
  expect(readFileSync(join(WEB, API), 'utf8')).toBe(readFileSync(made, 'utf8'));
}, 60_000);
