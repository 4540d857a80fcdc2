import { expect, it } from 'vitest';

import { Presentation, receiptOf } from './presentation';
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

it('answers no more than an answer can say, after days out of sight', () => {
  const presentation = new Presentation();
  presentation.handlePut(put(1n, 0));
  expect(presentation.handleDisplay(3 * 24 * 3_600_000)).toEqual([{ frame: 1n, presentUs: 0xffff_ffff }]);
});

it('believes what the page says of a receipt only when it can be', () => {
  expect(receiptOf(995, 1000)).toBe(995);
  expect(receiptOf(1000.2, 1000)).toBe(1000);
  expect(receiptOf(-3_600_000, 1000)).toBe(1000);
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
