/** Exponential backoff with jitter: many tabs that lost one edge do not come back at once. */

import { RETRY_FIRST_MS, RETRY_MAX_MS } from './limits';

export class Backoff {
  #attempts = 0;
  readonly #random: () => number;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Tries since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts a failed try and tells how long to wait before the next, in ms. */
  next(): number {
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(ceiling * (0.5 + this.#random() / 2));
  }

  /** A success: the next failure starts over. */
  reset(): void {
    this.#attempts = 0;
  }
}
