/** Who is signed in. */

import * as api from '../api/client';
import { signOut as endSignIn } from '../api/identity';
import { sentenceOf } from '../api/problem';
import type { Me } from '../api/types';

export type Account =
  | { status: 'unknown' }
  | { status: 'unreachable'; message: string }
  | { status: 'out' }
  | { status: 'in'; me: Me };

let account = $state.raw<Account>({ status: 'unknown' });

export function current(): Account {
  return account;
}

/** Asks the server who is signed in. */
export async function refresh(): Promise<void> {
  try {
    const me = await api.me();
    account = me ? { status: 'in', me } : { status: 'out' };
  } catch (error) {
    account = { status: 'unreachable', message: sentenceOf(error) };
  }
}

/**
 * The server forgets this sign-in; sessions that live in it end. Where the
 * person signed in elsewhere, the way leads there, to sign out there too.
 */
export async function signOut(): Promise<void> {
  const elsewhere = await endSignIn();
  if (elsewhere !== undefined && /^https?:/.test(elsewhere)) location.assign(elsewhere);
  else account = { status: 'out' };
}

/** A call found that nobody is signed in any more. */
export function lapsed(): void {
  account = { status: 'out' };
}
