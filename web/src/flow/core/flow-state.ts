/**
 * Where a launch stands that asks before it opens: what the page shows, by
 * what the server answered. No calls and no clock in here.
 */

import type { Challenge, Outcome } from '../../api/flow-types';
import { ApiError, asSentence, sentenceOf } from '../../api/problem';

/** Why a launch came to nothing. */
export type End = {
  kind: 'gone' | 'denied' | 'not_enrolled' | 'full' | 'failed';
  title: string;
  words: string;
  /** What may help: a new launch, or to go on with this one, whose answers are all there. */
  again: 'launch' | 'go_on' | 'nothing';
  /** The person's own connections that stand in the way. */
  connections: readonly string[];
};

export type FlowState =
  | { is: 'loading'; problem: string }
  | {
      is: 'asking';
      challenge: Challenge;
      /** What was wrong with the last answer. */
      problem: string;
      /** By the name of the field. */
      fields: Readonly<Record<string, string>>;
      /** Nothing is taken before this, ms since the epoch; 0 when it is. */
      blockedUntil: number;
    }
  | { is: 'opening'; outcome: Extract<Outcome, { type: 'connection' }> }
  | { is: 'over'; end: End };

/** Answers that can be corrected: the question stays. */
const CORRECTABLE = new Set(['factor_wrong', 'code_wrong', 'password_wrong', 'credentials_wrong', 'consent_needed']);

const WRONG: Record<string, string> = {
  password: 'This password is not right.',
  totp: 'This code is not right, or was used already.',
  webauthn: 'This passkey was not accepted.',
};

/** The server said what comes next. */
export function afterOutcome(outcome: Outcome): FlowState {
  if (outcome.type === 'connection') return { is: 'opening', outcome };
  return { is: 'asking', challenge: outcome, problem: '', fields: {}, blockedUntil: 0 };
}

/** A poll answered: a question that is the same keeps what the page says about it. */
export function afterPoll(state: FlowState, outcome: Outcome): FlowState {
  if (state.is === 'asking' && outcome.type === 'challenge' && isSameStage(state.challenge, outcome)) {
    return { ...state, challenge: outcome };
  }
  return afterOutcome(outcome);
}

/** An answer was refused, or did not get through. */
export function afterRefusal(state: FlowState, error: unknown, now: number): FlowState {
  if (!(error instanceof ApiError)) return withProblem(state, sentenceOf(error));
  if (error.status === 429 && state.is === 'asking') {
    const wait = (error.retryAfterS ?? 10) * 1000;
    return { ...state, problem: '', fields: {}, blockedUntil: now + wait };
  }
  if (error.status === 422 || CORRECTABLE.has(error.code)) return corrected(state, error);
  const isOver = error.status >= 400 && error.status < 500 && error.status !== 429;
  if (isOver || error.code === 'no_node_available') return { is: 'over', end: endOf(error) };
  return withProblem(state, sentenceOf(error));
}

/** The time to answer has passed. */
export function afterExpiry(): FlowState {
  return { is: 'over', end: endOf(new ApiError(404, 'execution_not_found', '')) };
}

/** Whether the same question is shown again, with the same answer pending. */
export function isSameStage(one: Challenge, other: Challenge): boolean {
  return one.execution === other.execution && questionKey(one) === questionKey(other);
}

/** Tells one question of a launch from the next. */
export function questionKey({ step, stage }: Challenge): string {
  return `${step} ${stage.type} ${'name' in stage ? stage.name : ''}`;
}

/** Why a launch was refused, for any page that launches. */
export function endOf(error: ApiError): End {
  const words = asSentence(error.detail);
  const end = { words, connections: error.connections };
  switch (error.code) {
    case 'execution_not_found':
    case 'execution_gone':
      return {
        ...end,
        kind: 'gone',
        title: 'This launch is over',
        words: 'It took too long, was finished in another tab, or belongs to another sign-in. Open the endpoint again.',
        again: 'launch',
      };
    case 'second_factor_not_enrolled':
      return {
        ...end,
        kind: 'not_enrolled',
        title: 'A second factor is needed first',
        words: 'This endpoint opens only for people who can confirm who they are with a second factor, and you have not set it up.',
        again: 'nothing',
      };
    case 'password_not_available':
      return { ...end, kind: 'denied', title: 'This needs a password of Causeway', again: 'nothing' };
    case 'denied_by_flow':
    case 'not_allowed_by_policy':
      return { ...end, kind: 'denied', title: 'You may not open this', again: 'nothing' };
    case 'maximum_connections_reached':
      return { ...end, kind: 'full', title: 'Every place is taken', again: 'go_on' };
    case 'no_node_available':
      return { ...end, kind: 'failed', title: 'No server is free', again: 'go_on' };
    default:
      return { ...end, kind: 'failed', title: 'It did not open', words: sentenceOf(error), again: 'launch' };
  }
}

function corrected(state: FlowState, error: ApiError): FlowState {
  if (state.is !== 'asking') return withProblem(state, sentenceOf(error));
  const fields = Object.fromEntries(
    error.errors.map(({ field, message }) => [field.replace(/^fields\./, ''), asSentence(message)]),
  );
  const known = WRONG[state.challenge.stage.type];
  const problem = Object.keys(fields).length > 0 ? '' : (known ?? sentenceOf(error));
  return { ...state, problem, fields, blockedUntil: 0 };
}

function withProblem(state: FlowState, problem: string): FlowState {
  if (state.is === 'asking') return { ...state, problem, fields: {}, blockedUntil: 0 };
  return state.is === 'loading' ? { is: 'loading', problem } : state;
}
