/**
 * A desktop on which something moves, as Chromium presents it. The bench
 * program runs the stack and what moves, and says in `BENCH_VISIT` where.
 */

import { appendFileSync } from 'node:fs';
import { expect, test as base } from '../../tests/browser/fixtures.ts';
import type { StackFacts } from '../../tests/browser/stack.ts';

/** What a visit needs of a stack that somebody else has started. */
type Visit = Pick<StackFacts, 'url' | 'username' | 'password'> & {
  readonly endpoint: string;
  /** Of the remote screen, pixels. */
  readonly width: number;
  readonly height: number;
};

const VISIT = JSON.parse(process.env['BENCH_VISIT'] ?? '{}') as Visit;
const OUTPUT = process.env['BENCH_OUTPUT'] ?? '/dev/stdout';

/** How long it moves before it is measured, and how long it then is, ms. */
const WARM_UP_MS = 2000;
const MEASURED_MS = 8000;

const test = base.extend<object, { stack: StackFacts }>({
  stack: [({}, use) => use(VISIT as Partial<StackFacts> as StackFacts), { scope: 'worker' }],
});

test.use({ viewport: { width: VISIT.width, height: VISIT.height } });

test('something moves', async ({ portal }) => {
  const viewer = await portal.desktop(VISIT.endpoint);
  const { width, height } = VISIT;
  await expect.poll(() => viewer.screen()).toEqual({ width, height });
  await portal.page.waitForTimeout(WARM_UP_MS);
  const before = await look();
  await portal.page.waitForTimeout(MEASURED_MS);
  const after = await look();
  const seconds = (after.atMs - before.atMs) / 1000;
  const presented_per_s = (after.framesPresented - before.framesPresented) / seconds;
  const decode_ms = await viewer.read('decodeMs');
  expect(decode_ms).toBeDefined();
  appendFileSync(OUTPUT, `${JSON.stringify({ presented_per_s, decode_ms })}\n`);

  async function look(): Promise<{ atMs: number; framesPresented: number }> {
    return portal.page.evaluate(() => ({
      atMs: performance.now(),
      framesPresented: (window as unknown as Watched).causeway.framesPresented,
    }));
  }
});

type Watched = { causeway: { framesPresented: number } };
