import { expect, it } from 'vitest';

import { clockFace, inSeconds, secondsLeft } from './countdown';

it('counts down in whole seconds and never below none', () => {
  expect(secondsLeft(10_000, 0)).toBe(10);
  expect(secondsLeft(10_000, 9_001)).toBe(1);
  // A page's time is a moment behind: five minutes are never shown as 5:01.
  expect(secondsLeft(300_400, 0)).toBe(300);
  expect(secondsLeft(10_000, 10_000)).toBe(0);
  expect(secondsLeft(10_000, 99_000)).toBe(0);
});

it.each([
  [0, '0:00'],
  [9, '0:09'],
  [245, '4:05'],
  [3_600, '1:00:00'],
  [3_725, '1:02:05'],
])('%i s on a clock', (seconds, face) => {
  expect(clockFace(seconds)).toBe(face);
});

it.each([
  [1, '1 second'],
  [40, '40 seconds'],
  [60, '60 seconds'],
  [90, '1 min 30 s'],
  [120, '2 min'],
])('%i s in a sentence', (seconds, words) => {
  expect(inSeconds(seconds)).toBe(words);
});
