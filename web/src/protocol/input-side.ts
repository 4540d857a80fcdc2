/** What a person puts in: sent while the session is active, and kept for the next way just after one was lost. */

import type { Welcome } from '../wire/generated/causeway/session/v1/session_pb';
import type { DesktopInput } from './desktop-messages';
import { InputLog } from './input-log';
import { TYPE_AHEAD_MS } from './limits';
import type { Effect } from './state';

const LOST: Effect = {
  do: 'notice',
  code: 'input_lost',
  message: 'The connection was lost, and with it the last of what you typed or pasted.',
};

export class InputSide {
  readonly #log: InputLog;
  readonly #send: (data: Uint8Array) => void;
  #typesAheadUntil: number | undefined;

  /** `id` tells this viewer's input from others'; `send` is asked only for what goes out now. */
  constructor(id: bigint, send: (data: Uint8Array) => void) {
    this.#log = new InputLog(id);
    this.#send = send;
  }

  /** What `Hello` says of it. */
  get stream(): { id: bigint; sent: bigint } {
    return this.#log.stream;
  }

  /** What is put in while there is no way still arrives. */
  get typesAhead(): boolean {
    return this.#typesAheadUntil !== undefined;
  }

  /** When `typesAhead` ends, if nothing else comes. */
  get dueAt(): number | undefined {
    return this.#typesAheadUntil;
  }

  handleTimeout(now: number): void {
    if (now >= (this.#typesAheadUntil ?? Infinity)) this.#typesAheadUntil = undefined;
  }

  /** The way of an active session is lost. */
  handleLost(now: number): void {
    if (this.#log.counts) this.#typesAheadUntil = now + TYPE_AHEAD_MS;
  }

  handleWelcome({ inputTaken }: Welcome): Effect[] {
    this.#typesAheadUntil = undefined;
    const isWhole = this.#log.handleWelcome(inputTaken === undefined ? undefined : Number(inputTaken));
    return isWhole ? [] : [LOST];
  }

  handleTaken(count: number): void {
    this.#log.handleTaken(count);
  }

  /** Takes messages, all or none; sends them at once if the session `isActive`. */
  put(all: Uint8Array[], isActive: boolean, input?: DesktopInput): boolean {
    const bytes = all.reduce((sum, { length }) => sum + length, 0);
    if (!isActive && !this.#log.hasRoom(bytes)) return false;
    for (const message of all) {
      this.#log.push(message, input);
      if (isActive) this.sendDue();
    }
    return all.length > 0;
  }

  /** A key that is up again is worth telling whenever, where the node counts. */
  takesRelease(input: DesktopInput): boolean {
    return this.#log.counts && input.is === 'key' && !input.down;
  }

  /** Sends what is not out over this socket. */
  sendDue(): void {
    for (let next = this.#log.poll(); next; next = this.#log.poll()) this.#send(next);
  }

  /** The session is over, or another viewer has it. */
  discard(): void {
    this.#typesAheadUntil = undefined;
    this.#log.discard();
  }
}
