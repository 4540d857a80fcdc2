import { expect, test } from 'vitest';

import { edgeWords, healthWords } from './health';

test('an edge that stops is shown as such while it is heard of', () => {
  expect(edgeWords({ live: true, draining: false }).tag).toBe('live');
  expect(edgeWords({ live: true, draining: true }).tag).toBe('stopping');
  expect(edgeWords({ live: false, draining: true }).tag).toBe('lost');
  expect(edgeWords({ live: false, draining: false }).tag).toBe('lost');
});

test('a health that is not known is shown as it is', () => {
  expect(healthWords('ready').look).toBe('good');
  expect(healthWords('asleep').tag).toBe('asleep');
});
