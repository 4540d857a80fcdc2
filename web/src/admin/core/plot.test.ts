import { expect, it } from 'vitest';

import { area, line, ticks, timeAxis, x, y } from './plot';
import { addSample, KEPT_MS, type Samples } from './samples';

const BOX = { width: 100, height: 50 };
const SCALE = { from: 0, to: 10, most: 10 };
const NOTHING: Samples = { times: [], total: [], nodes: {} };

it('puts values where they belong, inside the box', () => {
  expect([x(0, SCALE, BOX), x(5, SCALE, BOX), x(99, SCALE, BOX)]).toEqual([0, 50, 100]);
  expect([y(0, SCALE, BOX), y(10, SCALE, BOX), y(99, SCALE, BOX)]).toEqual([50, 0, 0]);
  expect(y(5, { ...SCALE, most: 0 }, BOX)).toBe(50);
});

it('draws a line that is interrupted where there is nothing', () => {
  expect(line([0, 5, 10], [0, undefined, 10], SCALE, BOX)).toBe('M0 50M100 0');
  expect(line([0, 5], [0, 5], SCALE, BOX)).toBe('M0 50L50 25');
  expect(line([], [], SCALE, BOX)).toBe('');
});

it('closes an area at the bottom', () => {
  expect(area([0, 10], [5, undefined], SCALE, BOX)).toBe('M0 50L0 25L100 50L100 50Z');
  expect(area([5], [1], SCALE, BOX)).toBe('');
});

it('chooses round marks that hold every value', () => {
  const check = (greatest: number, marks: number[]) => expect(ticks(greatest)).toEqual({ most: marks.at(-1), marks });
  check(0, [0, 1, 2, 3, 4]);
  check(7, [0, 2, 4, 6, 8]);
  check(50, [0, 20, 40, 60]);
  check(100, [0, 25, 50, 75, 100]);
  for (let greatest = 1; greatest < 3000; greatest += 7) {
    const { most, marks } = ticks(greatest);
    expect(most).toBeGreaterThanOrEqual(greatest);
    expect(marks.length).toBeLessThanOrEqual(6);
  }
});

it('takes the shortest axis that holds the samples', () => {
  const words = (...times: number[]) => timeAxis(times).marks.map((mark) => mark.words);
  expect(words()).toEqual(['-1 min', '-45 s', '-30 s', '-15 s', 'now']);
  expect(words(0, 61_000)).toEqual(['-2 min', '-90 s', '-1 min', '-30 s', 'now']);
  expect(timeAxis([0, 9 * 60_000]).span).toBe(KEPT_MS);
  expect(timeAxis([0, 90 * 60_000]).span).toBe(KEPT_MS);
});

it('keeps the last minutes of every node', () => {
  const at = (time: number, before: Samples, ...nodes: [string, number][]) =>
    addSample(before, time, nodes.map(([id, connections]) => ({ id, connections, capacity: 10 })));
  const first = at(0, NOTHING, ['a', 1]);
  const second = at(1000, first, ['a', 2], ['b', 3]);
  expect(second).toEqual({ times: [0, 1000], total: [1, 5], nodes: { a: [1, 2], b: [undefined, 3] } });
  const third = at(KEPT_MS + 500, second, ['b', 4]);
  expect(third.times).toEqual([1000, KEPT_MS + 500]);
  expect(third.nodes).toEqual({ a: [2, undefined], b: [3, 4] });
  expect(at(3 * KEPT_MS, third, ['b', 1]).nodes).toEqual({ b: [1] });
});
