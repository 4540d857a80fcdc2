import { expect, it } from 'vitest';

import { FramePacer } from './frame-pacer';

/** A pacer with a clock; `did` lists what it asked for, and when. */
function bench() {
  const did: string[] = [];
  const timers: { at: number; next: () => void }[] = [];
  let now = 0;
  const pacer = new FramePacer({
    hold: () => did.push(`hold ${now}`),
    release: () => did.push(`release ${now}`),
    later: (next, ms) => timers.push({ at: now + ms, next }),
    now: () => now,
  });
  const pass = (ms: number): void => {
    const until = now + ms;
    for (let due = timers.findIndex(({ at }) => at <= until); due >= 0; ) {
      const [timer] = timers.splice(due, 1);
      now = Math.max(now, timer?.at ?? now);
      timer?.next();
      due = timers.findIndex(({ at }) => at <= until);
    }
    now = until;
  };
  return { pacer, did, pass };
}

const KIB = 1024;

it('leaves all alone that is no flood', () => {
  const { pacer, did, pass } = bench();
  for (let second = 0; second < 100; second += 1) {
    pacer.handleWritten(10 * KIB);
    pacer.handleFrame();
    pass(16);
  }
  expect(did).toEqual([]);
});

it('shows a flood ten times a second', () => {
  const { pacer, did, pass } = bench();
  for (let time = 0; time < 300; time += 10) {
    pacer.handleWritten(100 * KIB);
    pass(10);
    if (did.at(-1)?.startsWith('release')) pacer.handleFrame();
  }
  expect(did).toEqual([
    'hold 0', 'release 100', 'hold 100', 'release 200', 'hold 200', 'release 300',
  ]);
});

it('shows the end of a flood soon', () => {
  const { pacer, did, pass } = bench();
  pacer.handleWritten(100 * KIB);
  pass(500);
  expect(did).toEqual(['hold 0', 'release 20']);
});

it('does not hold again before the browser has drawn', () => {
  const { pacer, did, pass } = bench();
  pacer.handleWritten(100 * KIB);
  pass(50);
  pacer.handleWritten(900 * KIB);
  pass(500);
  expect(did).toHaveLength(2);
  pacer.handleFrame();
  pacer.handleWritten(65 * KIB);
  expect(did.at(-1)).toBe('hold 550');
});
