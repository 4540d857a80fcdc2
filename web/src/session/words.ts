/** Steps, failures and endings of a session, in words a person understands. */

import { asSentence } from '../api/problem';
import type { SessionEnding, SessionFailure } from '../protocol/state';
import { Fault, Step } from '../wire/generated/causeway/session/v1/session_pb';

/** The steps in their order, as the connecting card lists them. */
export const STEPS: readonly { step: Step; words: string }[] = [
  { step: Step.CLAIM, words: 'Checking that you may open it' },
  { step: Step.RESOLVE, words: 'Looking up the machine' },
  { step: Step.CONNECT, words: 'Reaching the machine' },
  { step: Step.HANDSHAKE, words: 'Agreeing on encryption' },
  { step: Step.VERIFY_HOST, words: 'Checking the machine’s identity' },
  { step: Step.AUTHENTICATE, words: 'Signing in to the machine' },
  { step: Step.OPEN, words: 'Starting the session' },
];

/** What is happening now. */
export function stepWords(step: Step, attempts: number): string {
  const known = STEPS.find((each) => each.step === step)?.words;
  if (known) return known;
  return attempts === 0 ? 'Finding the way' : 'Finding the way, once more';
}

/** Titles for failures whose step alone says too little. */
const TITLES: Record<string, string> = {
  causeway_unreachable: 'Causeway is out of reach',
  session_lost: 'The session was lost',
  signed_out: 'You are signed out',
  version_mismatch: 'This page is out of date',
  protocol_not_shown: 'This endpoint cannot be shown',
  version_unsupported: 'This page is out of date',
  other_sign_in: 'This session belongs to another sign-in',
  cannot_be_resumed: 'This session cannot be resumed',
  target_ended: 'The machine ended the session',
  target_idle_limit: 'The machine ended the session',
  target_time_limit: 'The machine ended the session',
  target_shutdown: 'The machine is shutting down',
  target_taken_over: 'The session was taken over',
};

const TITLES_BY_STEP: Partial<Record<Step, string>> = {
  [Step.CLAIM]: 'The session was refused',
  [Step.RESOLVE]: 'The machine was not found',
  [Step.CONNECT]: 'The machine was not reached',
  [Step.HANDSHAKE]: 'No common language with the machine',
  [Step.VERIFY_HOST]: 'The machine’s identity is in doubt',
  [Step.AUTHENTICATE]: 'The machine did not let you in',
  [Step.OPEN]: 'The machine did not start a session',
  [Step.ACTIVE]: 'The session broke',
};

const ADVICE: Partial<Record<Fault, string>> = {
  [Fault.VIEWER]: 'Check what you entered, then try again.',
  [Fault.CONFIGURATION]:
    'The endpoint is set up in a way that cannot work. Tell the person who looks after it what stands below.',
  [Fault.TARGET]:
    'The machine may be off, busy or behind a closed port. Try again, or ask the person who runs it.',
  [Fault.CAUSEWAY]: 'Try again in a moment. If it stays like this, tell your administrator what stands below.',
};

/** Where the advice for a fault would miss the point; empty where the failure's own sentence says it all. */
const ADVICE_BY_CODE: Record<string, string> = {
  auth_failed:
    'If you entered something, check it and try again. If not, what the endpoint has stored is wrong: tell the person who looks after it.',
  auth_cancelled: '',
  auth_timed_out: '',
  password_expired: '',
  account_locked: 'Wait a while, or ask the person who runs the machine to unlock it.',
  account_disabled: 'Ask the person who runs the machine.',
  account_restricted: 'Ask the person who runs the machine.',
  logon_not_permitted: 'Ask the person who runs the machine for the right to sign in remotely.',
  rdp_licence: 'Ask the person who runs the machine: its licences may be used up, or their server out of reach.',
  target_ended: '',
  target_idle_limit: '',
  target_time_limit: '',
  target_shutdown: 'Try again when it is back.',
  target_taken_over: '',
  vnc_too_many_attempts: 'Try again in a few minutes.',
};

const HOST_KEY_ADVICE =
  'Either the machine was installed anew, or something stands between you and it. Do not go on before the person who runs it has confirmed the new fingerprint.';

/** True when the target presented another key than the one that is known. */
export function isHostKeyChange(failure: SessionFailure): boolean {
  return 'expected_fingerprint' in failure.details && 'presented_fingerprint' in failure.details;
}

export function failureTitle(failure: SessionFailure): string {
  if (isHostKeyChange(failure)) return 'The machine’s identity has changed';
  return TITLES[failure.code] ?? TITLES_BY_STEP[failure.step] ?? 'The session did not open';
}

export function failureAdvice(failure: SessionFailure): string {
  if (isHostKeyChange(failure)) return HOST_KEY_ADVICE;
  if (failure.origin === 'page' && failure.fault === Fault.VIEWER) return '';
  const own = ADVICE_BY_CODE[failure.code];
  if (own !== undefined) return own;
  return ADVICE[failure.fault] ?? '';
}

/** Names of details as a person reads them. */
export function detailName(key: string): string {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ENDINGS: Record<string, { title: string; words: string }> = {
  exited: { title: 'The session has ended', words: 'The program on the machine has finished.' },
  terminated: {
    title: 'The session was ended',
    words: 'It was ended from another tab or by an administrator.',
  },
  signed_out: { title: 'The session has ended', words: 'The sign-in that it belonged to is over.' },
  expired: { title: 'The session’s time was up', words: 'It had reached its longest permitted time.' },
  policy_refused: {
    title: 'The session was ended',
    words: 'You may not use this machine any more. Ask an administrator if you should.',
  },
  closed_by_target: { title: 'The machine closed the session', words: '' },
  left: { title: 'You ended the session', words: '' },
  abandoned: { title: 'The session has ended', words: 'Nobody came back to it in time.' },
  never_claimed: { title: 'The session was not opened in time', words: 'Open it again.' },
  replaced: {
    title: 'The session moved to another tab',
    words: 'It goes on there. You can bring it back to this tab.',
  },
  node_shutdown: {
    title: 'The session has ended',
    words: 'The server that held it was stopped for maintenance.',
  },
  connect_failed: { title: 'The session did not open', words: '' },
  node_lost: { title: 'The session has ended', words: 'The server that held it was lost.' },
};

export function endingTitle(ending: SessionEnding): string {
  return ENDINGS[ending.reason]?.title ?? 'The session has ended';
}

/** What happened, with the exit status or the signal where there is one. */
export function endingWords(ending: SessionEnding): string {
  const { exitStatus, exitSignal, message } = ending;
  if (exitSignal !== '') return `The program on the machine was stopped by signal ${exitSignal}.`;
  if (exitStatus === 0) return 'The program on the machine finished without an error.';
  if (exitStatus !== undefined) {
    return `The program on the machine finished with exit status ${exitStatus}.`;
  }
  if (ending.reason === 'connect_failed') return connectFailedWords(message);
  return ENDINGS[ending.reason]?.words || asSentence(message);
}

function connectFailedWords(message: string): string {
  return `The machine could not be opened from any server that may. ${message} Open it again to see what stops it.`.replace(
    /\s+/g,
    ' ',
  );
}
