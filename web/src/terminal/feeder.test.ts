import { expect, it } from 'vitest';

import { Feeder } from './feeder';

/** A feeder whose clock ticks a millisecond a piece, and whose `soon` waits to be run. */
function bench() {
  const written: number[] = [];
  const marks: boolean[] = [];
  const waiting: (() => void)[] = [];
  let now = 0;
  let drawn = 0;
  let onWrite = (): void => undefined;
  const feeder = new Feeder({
    write: (data, replayed) => {
      now += 1;
      written.push(...data);
      marks.push(replayed);
      onWrite();
    },
    soon: (next) => waiting.push(next),
    now: () => now,
    drawn: (bytes) => (drawn += bytes),
  });
  return {
    feeder,
    written,
    marks,
    waiting,
    drawn: () => drawn,
    whileWriting: (act: () => void) => (onWrite = act),
    run: () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) next();
    },
  };
}

const bytes = (length: number, value = 1): Uint8Array => new Uint8Array(length).fill(value);

it('draws an echo at once', () => {
  const { feeder, written, waiting, drawn } = bench();
  feeder.push(bytes(3), false);
  expect([written.length, waiting.length, drawn()]).toEqual([3, 0, 3]);
});

it('draws a flood in slices, whole and in order', () => {
  const { feeder, written, waiting, run, drawn } = bench();
  const length = 1024 * 1024;
  feeder.push(bytes(length, 1), false);
  expect(waiting).toHaveLength(1);
  expect(written.length).toBeLessThan(length);
  feeder.push(bytes(5, 2), false);
  expect(waiting).toHaveLength(1);
  run();
  expect(written).toHaveLength(length + 5);
  expect(written.slice(-6)).toEqual([1, 2, 2, 2, 2, 2]);
  expect(drawn()).toBe(length + 5);
});

it('keeps the order of what comes while it writes', () => {
  const { feeder, written, whileWriting } = bench();
  let once = true;
  whileWriting(() => {
    if (once) feeder.push(bytes(2, 9), false);
    once = false;
  });
  feeder.push(bytes(40_000, 1), false);
  expect(written).toHaveLength(40_002);
  expect(written.slice(-3)).toEqual([1, 9, 9]);
});

it('marks what was drawn before', () => {
  const { feeder, marks } = bench();
  feeder.push(bytes(1), true);
  feeder.push(bytes(1), false);
  expect(marks).toEqual([true, false]);
});

it('forgets what waits when the screen starts over, and writes nothing once closed', () => {
  const { feeder, written, run } = bench();
  feeder.push(bytes(1024 * 1024), false);
  feeder.clear();
  run();
  const before = written.length;
  feeder.push(bytes(1), false);
  expect(written.length).toBe(before + 1);
  feeder.close();
  feeder.push(bytes(1), false);
  expect(written.length).toBe(before + 1);
});
