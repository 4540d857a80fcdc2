/** Why a sign-in did not work, in words a person can act on. */

import { ApiError, sentenceOf } from '../../api/problem';

/** What a source's way back may say in `sign_in_error`. */
const SOURCE_ERRORS: Record<string, string> = {
  denied: 'The sign-in was cancelled there. Try again, or choose another way.',
  access_denied: 'The sign-in was cancelled there, or you may not use Causeway.',
  expired: 'That took too long. Try again.',
  state_unknown: 'That sign-in was started somewhere else or took too long. Try again.',
  not_linked: 'Nobody here is linked to that account. Ask your administrator to link it.',
  username_taken: 'Your name there belongs to somebody else here. Ask your administrator.',
  not_active: 'Your account is switched off. Ask your administrator.',
  user_inactive: 'Your account is switched off. Ask your administrator.',
  source_unreachable: 'The sign-in service did not answer. Try again in a moment.',
  source_disabled: 'This way of signing in is switched off.',
};

const CODES: Record<string, string> = {
  credentials_wrong: 'The username or the password is wrong.',
  factor_wrong: 'That was not right. Try again.',
  passkey_unknown: 'This passkey belongs to nobody here. It may have been removed.',
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
