import { expect, it } from 'vitest';

import { firstSteps } from './first-steps';

const done = (counts: Record<string, number>, ...health: string[]): string[] =>
  firstSteps({ counts, nodes: health.map((each) => ({ health: each })) })
    .filter((step) => step.done)
    .map(({ id }) => id);

it('begins with nothing done but oneself', () => {
  expect(done({ user: 1 })).toEqual([]);
});

it('counts a node only when it can be used', () => {
  expect(done({ outpost: 1, user: 1 }, 'lost')).toEqual([]);
  expect(done({ outpost: 1, user: 1 }, 'lost', 'ready')).toEqual(['outpost']);
});

it('takes a source for people', () => {
  expect(done({ provider: 1, endpoint: 3, application: 1, user: 1, source: 1 })).toEqual(['provider', 'endpoint', 'application', 'people']);
});
