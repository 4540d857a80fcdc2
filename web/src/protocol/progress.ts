/** How far a session has come: its step, what its person is asked, whether there was ever something to see. */

import { Step, type CredentialRequest } from '../wire/generated/causeway/session/v1/session_pb';
import type { CredentialQuestions } from './state';

export class Progress {
  #step = Step.UNSPECIFIED;
  #questions: CredentialQuestions | undefined;
  #wasActive = false;

  get step(): Step {
    return this.#step;
  }

  get questions(): CredentialQuestions | undefined {
    return this.#questions;
  }

  get isActive(): boolean {
    return this.#step === Step.ACTIVE;
  }

  /** It was active over this socket or one before it. */
  get wasActive(): boolean {
    return this.#wasActive;
  }

  handleStep(step: Step): void {
    this.#step = step;
    if (step === Step.ACTIVE) this.handleSeen();
  }

  handleQuestions({ id, title, instruction, prompts }: CredentialRequest): void {
    const plain = prompts.map(({ label, echo }) => ({ label, echo }));
    this.#step = Step.AUTHENTICATE;
    this.#questions = { id, title, instruction, prompts: plain };
  }

  /** There is something to see: the session is active, whether that was said or not. */
  handleSeen(): void {
    this.#step = Step.ACTIVE;
    this.#questions = undefined;
    this.#wasActive = true;
  }

  /** What was asked is answered, or nobody can answer it any more. */
  forgetQuestions(): void {
    this.#questions = undefined;
  }

  /** The way begins anew; what was seen once stays. */
  handleLost(): void {
    if (!this.#wasActive) this.#step = Step.UNSPECIFIED;
  }
}
