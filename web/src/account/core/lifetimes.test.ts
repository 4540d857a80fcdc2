import { expect, it } from 'vitest';

import { expiryOf } from './lifetimes';

it('counts from now, or never ends', () => {
  const now = Date.parse('2026-02-01T12:00:00Z');
  expect(expiryOf('30', now)).toBe('2026-03-03T12:00:00.000Z');
  expect(expiryOf('never', now)).toBeNull();
});
