/** Why a sign-in did not work, in words a person can act on. */

import { ApiError, sentenceOf } from '../../api/problem';

/** What a source's way back may say in `sign_in_error`. */
const SOURCE_ERRORS: Record<string, string> = {
  denied: 'The sign-in was cancelled or refused there. Try again, or choose another way.',
  state_lost: 'That took too long, or was started in another browser. Try again.',
  source_unknown: 'There is no such way of signing in any more. Choose another.',
  source_unavailable: 'The sign-in service did not answer. Try again in a moment.',
  answer_invalid: 'The sign-in service gave an answer that cannot be trusted. Tell your administrator.',
  not_linked: 'Nobody here is linked to that account. Ask your administrator to link it.',
  username_missing: 'The sign-in service did not say your username. Tell your administrator.',
  username_taken: 'Your username there belongs to somebody else here. Ask your administrator.',
  email_ambiguous: 'Your mail address belongs to several people here. Ask your administrator.',
  not_active: 'Your account is switched off. Ask your administrator.',
  too_many_attempts: 'Too many attempts. Wait a few minutes, then try again.',
};

const CODES: Record<string, string> = {
  credentials_wrong: 'The username or the password is wrong.',
  factor_wrong: 'That was not right. Try again.',
  passkey_refused: 'This passkey belongs to nobody here. It may have been removed.',
};

/** For the code that a source's way back has in the address. */
export function sourceErrorWords(code: string): string {
  return SOURCE_ERRORS[code] ?? `Signing in there did not work (${code.slice(0, 60)}). Try again.`;
}

/** For an error of a sign-in call; attempts that were too many are counted down elsewhere. */
export function signInWords(error: unknown): string {
  if (error instanceof ApiError) return CODES[error.code] ?? sentenceOf(error);
  return sentenceOf(error);
}

/** Until when nothing is taken, ms since the epoch; undefined when it is not about that. */
export function blockedUntil(error: unknown, now: number): number | undefined {
  if (!(error instanceof ApiError) || error.status !== 429) return undefined;
  return now + (error.retryAfterS ?? 60) * 1000;
}
