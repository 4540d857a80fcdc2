/**
 * One way through the sign-in page: what is asked now, what went wrong, and
 * until when nothing more is taken. Whoever is signed in at its end is read
 * anew from the server.
 */

import * as api from '../api/identity';
import type { PasskeyRequest, SecondFactorMethod, SignInAnswer } from '../api/identity-types';
import { ApiError } from '../api/problem';
import { refresh } from '../app/account.svelte';
import { awaitPasskey, hasPasskeys, PasskeyError, showPasskey, suggestsPasskeys } from '../factors/passkey';
import { blockedUntil, signInWords } from './core/problems';

export type SecondStep = Extract<SignInAnswer, { type: 'second_factor' }>;

/** A ceremony is begun anew before the server forgets it, ms. */
const SUGGESTION_LIFE_MS = 4 * 60_000;

export class SignIn {
  /** The second step, once the password was right and more is asked for. */
  second = $state.raw<SecondStep>();
  problem = $state('');
  busy = $state(false);
  /** The last username and password did not belong together. */
  credentialsWrong = $state(false);
  /** Nothing is taken before this, ms since the epoch. */
  blockedUntil = $state(0);
  #suggestion = new AbortController();
  /** Over once the browser has let go of the suggestion. */
  #suggesting: Promise<void> = Promise.resolve();

  readonly #arrived: () => void;

  /** `problem` is what went wrong before; `arrived` is called once somebody is signed in. */
  constructor(problem: string, arrived: () => void) {
    this.problem = problem;
    this.#arrived = arrived;
  }

  /** True when it was right. */
  password(username: string, password: string): Promise<boolean> {
    return this.#attempt(async () => {
      const answer = await api.signIn(username, password);
      if (answer.type === 'second_factor') this.second = answer;
      else await this.#done();
    });
  }

  code(method: SecondFactorMethod, code: string): Promise<boolean> {
    return this.#attemptSecond((step) => api.proveSecond(step.sign_in, method, { code }));
  }

  /** The second step with a passkey. */
  secondPasskey(): Promise<boolean> {
    return this.#attemptSecond(async (step) => {
      if (!step.public_key) throw new PasskeyError('There is no passkey to ask for.', false);
      await this.#endSuggestion();
      const credential = await showPasskey(step.public_key);
      await api.proveSecond(step.sign_in, 'webauthn', { credential });
    });
  }

  /** Signs in with a passkey alone, asked for by the person. */
  async passkey(): Promise<boolean> {
    const right = await this.#attempt(async () => {
      const { ceremony, public_key: options } = await api.passkeyOptions();
      await this.#endSuggestion();
      await api.signInWithPasskey(ceremony, await showPasskey(options));
      await this.#done();
    });
    if (!right) this.suggest();
    return right;
  }

  /** Offers passkeys among the username's suggestions for as long as the page is there. */
  suggest(): () => void {
    this.#suggestion = new AbortController();
    this.#suggesting = this.#suggestUntil(this.#suggestion.signal);
    return () => this.#suggestion.abort();
  }

  startOver(problem = ''): void {
    this.second = undefined;
    this.problem = problem;
  }

  /** A browser asks for one passkey at a time: the suggestion makes way. */
  async #endSuggestion(): Promise<void> {
    this.#suggestion.abort();
    await this.#suggesting;
  }

  async #suggestUntil(signal: AbortSignal): Promise<void> {
    if (!(await suggestsPasskeys())) return;
    while (!signal.aborted) {
      const round = AbortSignal.any([signal, AbortSignal.timeout(SUGGESTION_LIFE_MS)]);
      try {
        const begun = await api.passkeyOptions();
        await this.#suggested(begun, round);
      } catch {
        // A suggestion that does not work is none: the page has other ways.
        return;
      }
    }
  }

  async #suggested({ ceremony, public_key: options }: PasskeyRequest, round: AbortSignal): Promise<void> {
    let credential;
    try {
      credential = await awaitPasskey(options, round);
    } catch (error) {
      if (round.aborted) return;
      throw error;
    }
    const right = await this.#attempt(async () => {
      this.second = undefined;
      await api.signInWithPasskey(ceremony, credential);
      await this.#done();
    });
    if (right) this.#suggestion.abort();
  }

  #attemptSecond(prove: (step: SecondStep) => Promise<void>): Promise<boolean> {
    return this.#attempt(async () => {
      const step = this.second;
      if (!step) return;
      try {
        await prove(step);
      } catch (error) {
        if (!isGone(error)) throw error;
        this.startOver('That took too long. Sign in once more.');
        return;
      }
      await this.#done();
    });
  }

  async #attempt(act: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = '';
    this.credentialsWrong = false;
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof PasskeyError) this.problem = error.message;
      else this.#refused(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #refused(error: unknown): void {
    this.credentialsWrong = error instanceof ApiError && error.code === 'credentials_wrong';
    const until = blockedUntil(error, Date.now());
    if (until !== undefined) this.blockedUntil = until;
    else this.problem = signInWords(error);
  }

  async #done(): Promise<void> {
    this.#suggestion.abort();
    this.#arrived();
    await refresh();
  }
}

/** Whether passkeys may be offered at all. */
export const offersPasskeys = hasPasskeys;

/** The half-done sign-in is no longer known: it took too long, or was wrong too often. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.code === 'sign_in_gone');
}
