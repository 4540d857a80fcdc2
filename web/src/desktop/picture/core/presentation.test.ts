import { expect, it } from 'vitest';

import { Presentation } from './presentation';
import { MedianWindow, RateWindow } from './statistics';

const put = (frame: bigint, receivedAtMs: number, decodeMs = 1) => ({ frame, receivedAtMs, decodeMs });

it('answers a frame when it is shown, with the time since its mark came', () => {
  const presentation = new Presentation();
  expect(presentation.handlePut(put(1n, 100))).toBe(true);
  expect(presentation.handleDisplay(112.5)).toEqual([{ frame: 1n, presentUs: 12_500 }]);
  expect(presentation.handleDisplay(120)).toEqual([]);
});

it('answers frames that one refresh shows together, in order, as one picture', () => {
  const presentation = new Presentation();
  presentation.handlePut(put(1n, 100));
  expect(presentation.handlePut(put(2n, 105))).toBe(false);
  presentation.handlePut(put(3n, 110));
  const shown = presentation.handleDisplay(116);
  expect(shown).toEqual([
    { frame: 1n, presentUs: 16_000 },
    { frame: 2n, presentUs: 11_000 },
    { frame: 3n, presentUs: 6_000 },
  ]);
  expect(presentation.figures(116)).toMatchObject({ framesPresented: 1, framesPerSecond: 1 });
});

it('never answers a time before zero: clocks of page and worker differ by a hair', () => {
  const presentation = new Presentation();
  presentation.handlePut(put(1n, 100.01));
  expect(presentation.handleDisplay(100)).toEqual([{ frame: 1n, presentUs: 0 }]);
});

it('tells the median of decoding, over late frames', () => {
  const presentation = new Presentation();
  expect(presentation.figures(0).decodeMs).toBeUndefined();
  for (const decodeMs of [3, 900, 4, 2, 5]) presentation.handlePut(put(1n, 0, decodeMs));
  expect(presentation.figures(0).decodeMs).toBe(4);
});

it('forgets values that are too old for a window', () => {
  const window = new MedianWindow(3);
  for (const value of [100, 100, 1, 2, 3]) window.add(value);
  expect(window.median).toBe(2);
});

it('counts what happened in the last second', () => {
  const rate = new RateWindow();
  for (let time = 0; time <= 3000; time += 20) rate.add(time);
  expect(rate.perSecond(3000)).toBe(50);
  expect(rate.perSecond(3500)).toBe(25);
  expect(rate.perSecond(9000)).toBe(0);
});
