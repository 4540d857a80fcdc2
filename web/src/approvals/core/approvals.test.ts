import { expect, it } from 'vitest';

import type { Approval } from '../../api/flow-types';
import { isWaiting, outcomeWords, sorted } from './approvals';

const NOW = Date.parse('2026-01-01T12:00:00Z');

function approval(id: string, state: Approval['state'], requested: string, expires: string): Approval {
  return {
    id,
    state,
    mine_to_decide: true,
    requester: { id: 'u', username: 'boris' },
    application: { id: 'a', name: 'Databases' },
    endpoint: { id: 'e', name: 'db' },
    flow: 'careful',
    stage: 'boss',
    reason: '',
    address: '',
    requested_at: requested,
    expires_at: expires,
    comment: '',
  };
}

const LATE = approval('late', 'waiting', '2026-01-01T11:59:00Z', '2026-01-01T12:04:00Z');
const SOON = approval('soon', 'waiting', '2026-01-01T11:56:00Z', '2026-01-01T12:01:00Z');
const OVER = approval('over', 'waiting', '2026-01-01T11:50:00Z', '2026-01-01T11:55:00Z');
const DENIED = approval('denied', 'denied', '2026-01-01T11:58:00Z', '2026-01-01T12:03:00Z');

it('puts the most urgent first, and what is over last', () => {
  const { waiting, history } = sorted([LATE, OVER, DENIED, SOON], NOW);
  expect(waiting.map(({ id }) => id)).toEqual(['soon', 'late']);
  expect(history.map(({ id }) => id)).toEqual(['denied', 'over']);
});

it('does not offer to decide what has timed out', () => {
  expect(isWaiting(SOON, NOW)).toBe(true);
  expect(isWaiting(OVER, NOW)).toBe(false);
  expect(isWaiting(DENIED, NOW)).toBe(false);
});

it('says who decided', () => {
  expect(outcomeWords({ ...DENIED, decided_by: 'ada' })).toBe('ada said no');
  expect(outcomeWords({ ...DENIED, state: 'approved', decided_by: 'ada' })).toBe('ada let them in');
  expect(outcomeWords(OVER)).toBe('Nobody answered in time');
  expect(outcomeWords({ ...OVER, state: 'withdrawn' })).toBe('Taken back');
});
