import { expect, it } from 'vitest';

import { returnPath } from './return-path';

it.each([
  '/',
  '/sessions',
  '/session/0190-abc',
  '/admin/endpoints?search=web&cursor=x',
  '/account/tokens#new',
])('keeps %s', (path) => {
  expect(returnPath(path)).toBe(path);
});

it.each([
  null,
  undefined,
  '',
  'sessions',
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  '\\\\elsewhere.example',
  '/\t/elsewhere.example',
  '/\n/elsewhere.example',
  ' /sessions',
  '/.//elsewhere.example',
  '/a/..//elsewhere.example',
  'javascript:alert(1)',
  '/api/v1/session',
  `/${'a'.repeat(2_000)}`,
])('sends %j to the front page', (path) => {
  expect(returnPath(path)).toBe('/');
});

it('leaves out why the last sign-in failed', () => {
  expect(returnPath('/sessions?sign_in_error=denied&all=true')).toBe('/sessions?all=true');
});
