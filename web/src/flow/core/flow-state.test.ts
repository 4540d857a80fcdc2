import { describe, expect, it } from 'vitest';

import type { Challenge, FlowStage, Outcome } from '../../api/flow-types';
import { ApiError } from '../../api/problem';
import { afterExpiry, afterOutcome, afterPoll, afterRefusal, type FlowState } from './flow-state';

const NOW = 1_000_000;

function challenge(stage: FlowStage, step = 1): Challenge {
  return {
    type: 'challenge',
    execution: 'x-1',
    expires_at: '2026-01-01T00:10:00Z',
    flow: { name: 'careful', title: '' },
    application: { slug: 'data', name: 'Databases' },
    endpoint: { id: 'e-1', name: 'db', protocol: 'ssh' },
    step,
    steps: 3,
    stage,
  };
}

const CONSENT = challenge({ type: 'consent', name: 'terms', text: 'Be careful' });
const CODE = challenge({ type: 'totp', name: 'code' }, 2);
const OPENED: Outcome = {
  type: 'connection',
  connection: { id: 'c-1', protocol: 'ssh' },
  edge_url: 'ws://edge',
  ticket: 'one',
};

function waiting(state: 'waiting' | 'approved'): Challenge {
  return challenge({
    type: 'approval',
    name: 'boss',
    state,
    approvers: ['leads'],
    requested_at: null,
    expires_at: null,
    comment: '',
    decided_by: null,
    reason_required: false,
  }, 3);
}

const asking = (of: Challenge): FlowState => afterOutcome(of);
const refused = (of: Challenge, ...error: ConstructorParameters<typeof ApiError>): FlowState =>
  afterRefusal(asking(of), new ApiError(...error), NOW);

describe('what the server answers', () => {
  it('leads from question to question to the connection', () => {
    expect(afterOutcome(CONSENT)).toMatchObject({ is: 'asking', challenge: CONSENT, problem: '' });
    expect(afterOutcome(OPENED)).toEqual({ is: 'opening', outcome: OPENED });
  });

  it('keeps what was said of a question that is polled', () => {
    const before = refused(waiting('waiting'), 0, 'unreachable', '');
    expect(before).toMatchObject({ is: 'asking', problem: expect.stringMatching(/does not answer/) });
    const after = afterPoll(before, waiting('approved'));
    expect(after).toMatchObject({ challenge: { stage: { state: 'approved' } }, problem: expect.stringMatching(/./) });
    expect(afterPoll(before, CODE)).toMatchObject({ challenge: CODE, problem: '' });
    expect(afterPoll(before, OPENED)).toMatchObject({ is: 'opening' });
  });
});

describe('a refused answer', () => {
  it('is said where it can be corrected', () => {
    expect(refused(CODE, 403, 'factor_wrong', 'wrong')).toMatchObject({
      is: 'asking',
      problem: 'This code is not right, or was used already.',
    });
  });

  it('is said at its fields', () => {
    const errors = [{ field: 'fields.ticket', code: 'invalid', message: 'is not open' }];
    expect(refused(CONSENT, 422, 'invalid', 'wrong', undefined, errors)).toMatchObject({
      problem: '',
      fields: { ticket: 'Is not open.' },
    });
  });

  it('is blocked for a while after too many', () => {
    expect(refused(CODE, 429, 'too_many_attempts', '', 20)).toMatchObject({
      is: 'asking',
      blockedUntil: NOW + 20_000,
    });
  });

  it('can be sent again after a hiccup', () => {
    expect(refused(CODE, 503, 'busy', 'busy now')).toMatchObject({ is: 'asking', problem: 'Busy now.' });
    expect(afterRefusal({ is: 'loading', problem: '' }, new ApiError(0, 'unreachable', ''), NOW)).toMatchObject({
      is: 'loading',
      problem: expect.stringMatching(/does not answer/),
    });
  });
});

describe('the end', () => {
  it.each([
    [404, 'execution_not_found', 'gone', 'launch'],
    [403, 'denied_by_flow', 'denied', 'nothing'],
    [403, 'not_allowed_by_policy', 'denied', 'nothing'],
    [403, 'second_factor_not_enrolled', 'not_enrolled', 'nothing'],
    [409, 'second_factor_not_enrolled', 'not_enrolled', 'nothing'],
    [409, 'maximum_connections_reached', 'full', 'go_on'],
    [503, 'no_node_available', 'failed', 'go_on'],
    [400, 'something_new', 'failed', 'launch'],
  ])('%i %s is %s', (status, code, kind, again) => {
    expect(refused(CODE, status, code, 'told why')).toMatchObject({ is: 'over', end: { kind, again } });
  });

  it('says what the flow says', () => {
    expect(refused(CODE, 403, 'denied_by_flow', 'not at night')).toMatchObject({ end: { words: 'Not at night.' } });
  });

  it('comes by itself, too', () => {
    expect(afterExpiry()).toMatchObject({ is: 'over', end: { kind: 'gone' } });
  });
});
