import { expect, it } from 'vitest';

import { Backoff } from './backoff';
import { RETRY_FIRST_MS, RETRY_MAX_MS } from './limits';

it('doubles up to its ceiling, never waits less than half of it', () => {
  const least = new Backoff(() => 0);
  const most = new Backoff(() => 0.999999);
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt);
    expect(least.next()).toBe(ceiling / 2);
    expect(most.next()).toBe(ceiling);
  }
});

it('starts over after a success', () => {
  const backoff = new Backoff(() => 0);
  backoff.next();
  backoff.next();
  expect(backoff.attempts).toBe(2);
  backoff.reset();
  expect(backoff.next()).toBe(RETRY_FIRST_MS / 2);
});
