/**
 * Acts that change how one signs in need a fresh proof of who one is. An act
 * that the server refuses for that waits here until the person has given one,
 * then it is done again.
 */

import { ApiError } from '../api/problem';

/** The person did not want to prove it: the act is not done, and nothing went wrong. */
export class NotConfirmed extends Error {}

export class Confirmation {
  /** An act waits. */
  asked = $state(false);
  #settle: ((confirmed: boolean) => void) | undefined;

  /** Does `act`, after a proof where the server wants one. */
  async around<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'confirmation_needed') throw error;
    }
    if (!(await this.#ask())) throw new NotConfirmed();
    return act();
  }

  /** The proof was given, or the person gave up. */
  settle(confirmed: boolean): void {
    this.asked = false;
    this.#settle?.(confirmed);
    this.#settle = undefined;
  }

  #ask(): Promise<boolean> {
    this.settle(false);
    this.asked = true;
    return new Promise((resolve) => (this.#settle = resolve));
  }
}
