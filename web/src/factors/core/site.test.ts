import { expect, it } from 'vitest';

import { isPasskeyDomain } from './site';

it.each([
  ['localhost', true],
  ['causeway.example.org', true],
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['[::1]', false],
  ['', false],
])('%s', (hostname, expected) => {
  expect(isPasskeyDomain(hostname)).toBe(expected);
});
