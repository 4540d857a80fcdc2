import { expect, it } from 'vitest';

import { anyOf } from './words';

it.each([
  [[], 'Somebody else'],
  [['Ada'], 'Ada'],
  [['Ada', 'Boris'], 'Ada or Boris'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d or one of 2 others'],
])('%j', (names, words) => {
  expect(anyOf(names)).toBe(words);
});
