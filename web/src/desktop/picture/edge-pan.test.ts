import { expect, it } from 'vitest';

import { panSpeed } from './edge-pan';

it('pans towards the edge that the pointer is near, faster the nearer', () => {
  expect(panSpeed(500, 1000)).toBe(0);
  expect(panSpeed(5, 1000)).toBeLessThan(panSpeed(20, 1000));
  expect(panSpeed(20, 1000)).toBeLessThan(0);
  expect(panSpeed(990, 1000)).toBeGreaterThan(0);
  expect(panSpeed(1000, 1000)).toBe(-panSpeed(0, 1000));
  expect(panSpeed(-50, 1000)).toBe(panSpeed(0, 1000));
});
