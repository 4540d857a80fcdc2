/** How many requests wait for the person who is signed in: for the menu, looked up gently. */

import * as api from '../api/flow';
import { poll } from '../ui/polling';
import { isWaiting } from './core/approvals';

/** How often the menu looks, ms. */
const MENU_POLL_MS = 15_000;

let count = $state(0);
let everAsked = $state(false);

export function waitingCount(): number {
  return count;
}

/** Whether they were ever asked: for most people the page would stay empty. */
export function isApprover(): boolean {
  return everAsked;
}

/** The page that shows them knows it better, and sooner. */
export function setWaitingCount(known: number): void {
  count = known;
}

/** Looks until the signal. */
export function watchWaiting(signal: AbortSignal): void {
  async function read(): Promise<void> {
    try {
      // The first look sees those that are over, too.
      const all = await api.approvals(everAsked ? 'waiting' : undefined);
      everAsked ||= all.some((each) => each.mine_to_decide || each.state !== 'waiting');
      count = all.filter((each) => each.mine_to_decide && isWaiting(each, Date.now())).length;
    } catch {
      // Whatever is wrong, the pages themselves say it; the menu keeps what it knew.
    }
  }
  poll(read, { everyMs: MENU_POLL_MS }, signal);
}
