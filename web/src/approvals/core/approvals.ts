/** Requests that wait for a yes or no, sorted for the one who decides. */

import type { Approval } from '../../api/flow-types';

export type Sorted = {
  /** To be decided, the one that ends first at the top. */
  waiting: Approval[];
  /** Decided, timed out or taken back, the newest at the top. */
  history: Approval[];
};

export function sorted(approvals: readonly Approval[], now: number): Sorted {
  const waits = (approval: Approval): boolean => isWaiting(approval, now);
  return {
    waiting: approvals.filter(waits).sort((one, other) => one.expires_at.localeCompare(other.expires_at)),
    history: approvals
      .filter((approval) => !waits(approval))
      .sort((one, other) => other.requested_at.localeCompare(one.requested_at)),
  };
}

/** Whether it can still be decided; a server may be a moment late to say that it cannot. */
export function isWaiting({ state, expires_at: end }: Approval, now: number): boolean {
  return state === 'waiting' && Date.parse(end) > now;
}

/** What became of a request, in words. */
export function outcomeWords({ state, decided_by: by }: Approval): string {
  switch (state) {
    case 'approved':
      return by ? `${by} let them in` : 'Let in';
    case 'denied':
      return by ? `${by} said no` : 'Denied';
    case 'withdrawn':
      return 'Taken back';
    case 'waiting':
    case 'expired':
      return 'Nobody answered in time';
  }
}
