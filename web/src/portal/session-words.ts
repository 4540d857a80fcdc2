/** States and ends of connections, in words for a list. */

import type { ConnectionState } from '../api/types';

const STATES: Record<ConnectionState, string> = {
  pending: 'Opening',
  active: 'Open in a tab',
  detached: 'Waiting for you',
  ended: 'Ended',
};

const REASONS: Record<string, string> = {
  exited: 'Finished',
  closed_by_target: 'Closed by the machine',
  connect_failed: 'Did not open',
  left: 'Ended by you',
  terminated: 'Ended from outside',
  signed_out: 'Signed out',
  expired: 'Time was up',
  policy_refused: 'Not allowed any more',
  abandoned: 'Nobody came back',
  never_claimed: 'Never opened',
  node_shutdown: 'Server stopped',
  node_lost: 'Server lost',
};

export function stateWords(state: ConnectionState): string {
  return STATES[state];
}

/** An unknown reason is a newer server's; it still ended. */
export function endedWords(reason: string | null | undefined): string {
  return REASONS[reason ?? ''] ?? 'Ended';
}
