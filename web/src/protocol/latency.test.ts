import { expect, it } from 'vitest';

import { Latency } from './latency';

it('tells the median, so that one slow answer does not count', () => {
  const latency = new Latency();
  let now = 0;
  latency.start(now);
  for (const roundTrip of [400, 10, 12, 11, 9]) {
    now = Math.max(now, latency.nextTimeout() ?? now);
    const nonce = latency.pollPing(now);
    latency.handlePong(nonce ?? -1, now + roundTrip);
    now += roundTrip;
  }
  expect(latency.rttMs).toBe(11);
});

it('ignores an answer to no question', () => {
  const latency = new Latency();
  latency.start(0);
  latency.handlePong(99, 5);
  expect(latency.rttMs).toBeUndefined();
});
