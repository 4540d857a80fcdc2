import { expect, it } from 'vitest';

import { passwordProblem } from './password';

it.each([
  ['short', 'short', /at least 8/],
  ['administrator', 'administrator', /something else/],
  ['Administrator', 'Administrator', /something else/],
  ['four words in a row', 'four words in a tow', /not the same/],
])('refuses %s', (next, again, expected) => {
  expect(passwordProblem(next, again, 'administrator')).toMatch(expected);
});

it('takes a good one, and counts characters, not code units', () => {
  expect(passwordProblem('four words in a row', 'four words in a row', 'ada')).toBe('');
  expect(passwordProblem('🐢🐢🐢🐢', '🐢🐢🐢🐢', 'ada')).toMatch(/at least 8/);
});
