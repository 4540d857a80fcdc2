import { expect, it } from 'vitest';

import { offsetOf } from './place';

it('counts lines and characters from 1', () => {
  expect(offsetOf('ab\ncd', 1, 1)).toBe(0);
  expect(offsetOf('ab\ncd', 2, 2)).toBe(4);
  expect(offsetOf('a🧪b', 1, 3)).toBe(3);
});

it('stays inside the text', () => {
  expect(offsetOf('ab', 9, 9)).toBe(2);
  expect(offsetOf('', 1, 5)).toBe(0);
});
