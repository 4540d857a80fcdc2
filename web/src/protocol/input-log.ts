/**
 * Input on its way to the node, kept until the node has taken it: what a lost
 * way may have lost is sent again over the next, in its order and once. The
 * node counts messages, see `InputStream` in the schema; no clock in here.
 */

import type { DesktopInput } from './desktop-messages';
import { INPUT_KEPT_BYTES_MAX } from './limits';

/** What is held down while other keys are pressed: the node lifts it when the way is lost. */
const MODIFIERS = new Set(
  ['Shift', 'Control', 'Alt', 'Meta'].flatMap((name) => [`${name}Left`, `${name}Right`]),
);

type ModifierKey = { code: string; down: boolean };
type Kept = { data: Uint8Array; modifier: ModifierKey | undefined };

export class InputLog {
  #id: bigint;
  /** Messages that are not kept any more. */
  #before = 0;
  #kept: Kept[] = [];
  #bytes = 0;
  /** Of those kept, how many are out over this socket, and over any. */
  #out = 0;
  #everOut = 0;
  #counts = false;
  /** Modifiers that were down when the first of those kept was pressed. */
  #held = new Map<string, Kept>();

  /** `id` tells this stream of input from those of other viewers. */
  constructor(id: bigint) {
    this.#id = id;
  }

  /** What `Hello` says of it. */
  get stream(): { id: bigint; sent: bigint } {
    return { id: this.#id, sent: BigInt(this.#before + this.#everOut) };
  }

  /** The node counts: what it has not taken is not lost with the way. */
  get counts(): boolean {
    return this.#counts;
  }

  /**
   * A node took `taken` messages so far, undefined when it counts none; the
   * rest is to be sent again. False when it cannot be, and is lost.
   */
  handleWelcome(taken: number | undefined): boolean {
    this.#counts = taken !== undefined;
    this.#out = 0;
    const skipped = (taken ?? 0) - this.#before;
    if (taken === undefined || skipped < 0 || skipped > this.#kept.length) {
      const isWhole = this.#kept.length === 0 && skipped >= 0;
      this.#forget();
      this.#before = taken ?? 0;
      return isWhole;
    }
    this.#drop(skipped);
    this.#pressAgain();
    return true;
  }

  /** The node has taken `taken` messages by now. */
  handleTaken(taken: number): void {
    const more = taken - this.#before;
    if (more > 0 && more <= this.#out) this.#drop(more);
  }

  /** Whether so many bytes more can be kept without letting go of any. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= INPUT_KEPT_BYTES_MAX;
  }

  /** Takes a message; when there is no room, those that are out longest are let go of. */
  push(data: Uint8Array, input?: DesktopInput): void {
    while (!this.hasRoom(data.length) && this.#out > 0) this.#drop(1);
    const modifier = input?.is === 'key' && MODIFIERS.has(input.code) ? input : undefined;
    this.#kept.push({ data, modifier });
    this.#bytes += data.length;
  }

  /** The next message to send over this socket. */
  poll(): Uint8Array | undefined {
    const next = this.#kept[this.#out];
    if (!next) return undefined;
    this.#out += 1;
    this.#everOut = Math.max(this.#everOut, this.#out);
    if (!this.#counts) this.#drop(1);
    return next.data;
  }

  /** Nobody is to get any of it any more. */
  discard(): void {
    this.#forget();
    this.#before = 0;
    this.#id = BigInt.asUintN(64, this.#id + 1n);
  }

  #forget(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#out = 0;
    this.#everOut = 0;
    this.#held.clear();
  }

  #drop(count: number): void {
    for (const kept of this.#kept.splice(0, count)) {
      this.#bytes -= kept.data.length;
      if (kept.modifier?.down) this.#held.set(kept.modifier.code, kept);
      else if (kept.modifier) this.#held.delete(kept.modifier.code);
    }
    this.#before += count;
    this.#out = Math.max(0, this.#out - count);
    this.#everOut = Math.max(0, this.#everOut - count);
  }

  /** What the node lifted is down for the keys that follow. */
  #pressAgain(): void {
    const pressed = [...this.#held.values()];
    this.#held.clear();
    this.#kept.unshift(...pressed);
    this.#bytes += pressed.reduce((sum, { data }) => sum + data.length, 0);
    if (this.#everOut > 0) this.#everOut += pressed.length;
  }
}

/** A number for a stream, of two numbers in [0, 1). */
export function streamId(random: () => number): bigint {
  const half = (): bigint => BigInt(Math.floor(random() * 2 ** 32));
  return (half() << 32n) | half();
}
