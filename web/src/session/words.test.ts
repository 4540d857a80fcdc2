import { describe, expect, it } from 'vitest';

import { asSentence } from '../api/problem';
import type { SessionFailure } from '../protocol/state';
import { ago, span } from '../ui/time';
import { Fault, Step } from '../wire/generated/causeway/session/v1/session_pb';
import { endingTitle, endingWords, failureAdvice, failureTitle, STEPS, stepWords } from './words';

function failure(more: Partial<SessionFailure>): SessionFailure {
  return {
    code: 'x',
    message: '',
    fault: Fault.UNSPECIFIED,
    step: Step.UNSPECIFIED,
    retryMayHelp: false,
    details: {},
    origin: 'node',
    ...more,
  };
}

describe('failures', () => {
  it('say where it went wrong and whose it is', () => {
    expect(failureTitle(failure({ step: Step.CONNECT }))).toBe('The machine was not reached');
    expect(failureTitle(failure({ code: 'from_the_future' }))).toBe('The session did not open');
    for (const fault of [Fault.VIEWER, Fault.CONFIGURATION, Fault.TARGET, Fault.CAUSEWAY]) {
      expect(failureAdvice(failure({ fault }))).not.toBe('');
    }
  });

  it('give no advice that misses the point', () => {
    const locked = failure({ code: 'account_locked', fault: Fault.VIEWER });
    expect(failureAdvice(locked)).toContain('unlock');
    expect(failureAdvice(failure({ code: 'target_ended', fault: Fault.TARGET }))).toBe('');
    expect(failureTitle(failure({ code: 'target_ended', step: Step.ACTIVE }))).toContain('ended');
  });

  it('warn of a changed host key', () => {
    const changed = failure({ details: { expected_fingerprint: 'a', presented_fingerprint: 'b' } });
    expect(failureTitle(changed)).toContain('identity has changed');
    expect(failureAdvice(changed)).toContain('Do not go on');
  });
});

describe('steps', () => {
  it('have words, each of them', () => {
    const all = Object.values(Step).filter((step): step is Step => typeof step === 'number');
    const shown = all.filter((step) => step !== Step.UNSPECIFIED && step !== Step.ACTIVE);
    expect(STEPS.map(({ step }) => step)).toEqual(shown);
    expect(stepWords(Step.UNSPECIFIED, 0)).toBe('Finding the way');
  });
});

describe('endings', () => {
  it.each([
    [{ exitStatus: 0, exitSignal: '' }, 'finished without an error'],
    [{ exitStatus: 3, exitSignal: '' }, 'exit status 3'],
    [{ exitStatus: undefined, exitSignal: 'KILL' }, 'signal KILL'],
    [{ exitStatus: undefined, exitSignal: '' }, 'has finished'],
  ])('%j says %j', (how, words) => {
    expect(endingWords({ reason: 'exited', message: '', ...how })).toContain(words);
  });

  it('bear a reason of a newer server', () => {
    const ending = { reason: 'moon', message: 'the moon rose', exitStatus: undefined, exitSignal: '' };
    expect(endingTitle(ending)).toBe('The session has ended');
    expect(endingWords(ending)).toBe('The moon rose.');
  });
});

describe('words', () => {
  it.each([
    ['too many attempts', 'Too many attempts.'],
    ['web-01:22 refused', 'web-01:22 refused.'],
    ['Really?', 'Really?'],
    ['  ', ''],
  ])('%j becomes %j', (detail, sentence) => {
    expect(asSentence(detail)).toBe(sentence);
  });

  it('tell spans of time', () => {
    const minute = 60_000;
    expect([span(5), span(5 * minute), span(61 * minute), span(120 * minute), span(2880 * minute)]).toEqual([
      'less than a minute', '5 min', '1 h 1 min', '2 h', '2 days',
    ]);
    expect(ago(0, 1000)).toBe('just now');
  });
});
