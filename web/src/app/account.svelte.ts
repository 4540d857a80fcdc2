/** Who is signed in. */

import * as api from '../api/client';
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

export async function signIn(username: string, password: string): Promise<void> {
  await api.signIn(username, password);
  await refresh();
}

/** The server forgets this sign-in; sessions that live in it end. */
export async function signOut(): Promise<void> {
  await api.signOut();
  account = { status: 'out' };
}

/** A call found that nobody is signed in any more. */
export function lapsed(): void {
  account = { status: 'out' };
}
