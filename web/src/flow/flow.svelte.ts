/**
 * One launch that asks before it opens, on its page: it sends the answers,
 * looks again while somebody else decides, and opens the session at the end.
 */

import * as api from '../api/flow';
import type { Challenge, FlowAnswer, Outcome } from '../api/flow-types';
import { ApiError } from '../api/problem';
import { lapsed } from '../app/account.svelte';
import { navigate } from '../app/router.svelte';
import { PasskeyError, showPasskey } from '../factors/passkey';
import { arrive, takeChallenge } from '../portal/launch';
import { poll } from '../ui/polling';
import { afterExpiry, afterOutcome, afterPoll, afterRefusal, type FlowState } from './core/flow-state';

/** An approval is looked for this often, ms. */
const APPROVAL_POLL_MS = 1_000;

export class Flow {
  readonly execution: string;
  state = $state.raw<FlowState>({ is: 'loading', problem: '' });
  busy = $state(false);
  /** The last question: what the launch was for, also once it is over. */
  last = $state.raw<Challenge>();
  readonly #waiting = new AbortController();

  constructor(execution: string) {
    this.execution = execution;
    const known = takeChallenge(execution);
    if (known) this.#take(afterOutcome(known));
    else void this.load();
    poll(() => this.#lookAgain(), { everyMs: APPROVAL_POLL_MS, hidden: true }, this.#waiting.signal);
  }

  async load(): Promise<void> {
    await this.#attempt(() => api.challenge(this.execution));
  }

  async answer(body: FlowAnswer): Promise<void> {
    await this.#attempt(() => api.answer(this.execution, body));
  }

  /** Answers with a passkey, which the browser asks for. */
  async passkey(options: Parameters<typeof showPasskey>[0]): Promise<void> {
    await this.#attempt(async () => {
      const credential = await showPasskey(options);
      return api.answer(this.execution, { credential });
    });
  }

  /** Gives the launch up and goes back. */
  async cancel(): Promise<void> {
    this.dispose();
    // One that the server has forgotten meanwhile is given up just as well.
    await api.cancel(this.execution).catch(() => {});
    navigate('/');
  }

  /** Nobody has answered in time. */
  expire(): void {
    if (this.state.is === 'asking') this.#take(afterExpiry());
  }

  unblock(): void {
    if (this.state.is === 'asking') this.state = { ...this.state, blockedUntil: 0 };
  }

  dispose(): void {
    this.#waiting.abort();
  }

  async #attempt(act: () => Promise<Outcome>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.#take(afterOutcome(await act()));
    } catch (error) {
      this.#refused(error);
    } finally {
      this.busy = false;
    }
  }

  /** While somebody else decides: how it stands, and on as soon as they said yes. */
  async #lookAgain(): Promise<void> {
    const stage = this.state.is === 'asking' ? this.state.challenge.stage : undefined;
    if (stage?.type !== 'approval' || this.busy) return;
    if (stage.state === 'approved') await this.answer({});
    if (stage.state !== 'waiting') return;
    try {
      const outcome = await api.challenge(this.execution);
      this.#take(afterPoll(this.state, outcome));
    } catch (error) {
      // The network may be back the next time; only a refusal is an end.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) this.#refused(error);
    }
    const next = this.state.is === 'asking' ? this.state.challenge.stage : undefined;
    if (next?.type === 'approval' && next.state === 'approved') await this.answer({});
  }

  #take(state: FlowState): void {
    if (this.#waiting.signal.aborted) return;
    if (state.is === 'asking') this.last = state.challenge;
    this.state = state;
    if (state.is === 'opening') {
      this.dispose();
      arrive(state.outcome, this.last);
    }
  }

  #refused(error: unknown): void {
    if (error instanceof ApiError && error.status === 401 && error.code !== 'factor_wrong') {
      lapsed();
    } else if (error instanceof PasskeyError) {
      if (this.state.is === 'asking') this.state = { ...this.state, problem: error.message };
    } else if (error instanceof ApiError && error.code === 'answered_elsewhere') {
      // Another tab was quicker: what is asked now.
      queueMicrotask(() => void this.load());
    } else {
      this.#take(afterRefusal(this.state, error, Date.now()));
    }
  }
}
