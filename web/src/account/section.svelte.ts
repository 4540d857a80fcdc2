/** What every section of the account page does around its calls. */

import { ApiError, sentenceOf } from '../api/problem';
import { lapsed } from '../app/account.svelte';
import { PasskeyError } from '../factors/passkey';
import { type Confirmation, NotConfirmed } from './confirmation.svelte';

export class Section {
  readonly confirmation: Confirmation;
  problem = $state('');
  busy = $state(false);

  constructor(confirmation: Confirmation) {
    this.confirmation = confirmation;
  }

  /** Reads something; what goes wrong is said. */
  async read(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Changes something, after a proof if one is needed; undefined when it was not done. */
  async change<T>(act: () => Promise<T>): Promise<{ done: T } | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.problem = '';
    try {
      return { done: await this.confirmation.around(act) };
    } catch (error) {
      this.fail(error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  fail(error: unknown): void {
    if (error instanceof NotConfirmed) return;
    if (error instanceof ApiError && error.status === 401) lapsed();
    else if (error instanceof PasskeyError) this.problem = error.message;
    else this.problem = sentenceOf(error);
  }
}
