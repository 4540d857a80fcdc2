/**
 * Feeds output to the terminal in slices, so that keys, frames and new
 * messages get their turn during a flood. It schedules with messages instead
 * of timers: browsers slow timers down in hidden tabs, and a build that runs
 * in one must not wait for it.
 */

/** Longest piece that is parsed in one go, bytes. */
const PIECE_BYTES = 16 * 1024;

/** Time for one slice of a flood, ms. */
const SLICE_MS = 16;

export type FeederPorts = {
  /** Parses and buffers `data` now. */
  write: (data: Uint8Array, replayed: boolean) => void;
  /** Runs `next` soon, after what else waits. */
  soon: (next: () => void) => void;
  now: () => number;
  /** `bytes` more are drawn. */
  drawn: (bytes: number) => void;
};

export class Feeder {
  #queue: { data: Uint8Array; replayed: boolean }[] = [];
  #head = 0;
  #offset = 0;
  /** A slice is running, or will. */
  #scheduled = false;
  #closed = false;
  readonly #ports: FeederPorts;

  constructor(ports: FeederPorts) {
    this.#ports = ports;
  }

  /** What comes while nothing waits is drawn at once: an echo takes no detour. */
  push(data: Uint8Array, replayed: boolean): void {
    if (data.length === 0 || this.#closed) return;
    this.#queue.push({ data, replayed });
    if (!this.#scheduled) this.#slice();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue = [];
    this.#head = 0;
    this.#offset = 0;
  }

  close(): void {
    this.#closed = true;
    this.clear();
  }

  #slice(): void {
    this.#scheduled = true;
    const until = this.#ports.now() + SLICE_MS;
    while (this.#writePiece()) {
      if (this.#ports.now() < until) continue;
      this.#ports.soon(() => this.#slice());
      return;
    }
    this.#scheduled = false;
  }

  /** Writes the next piece; false when none waits. */
  #writePiece(): boolean {
    const next = this.#queue[this.#head];
    if (!next) {
      this.clear();
      return false;
    }
    const { data, replayed } = next;
    const piece = data.subarray(this.#offset, this.#offset + PIECE_BYTES);
    this.#offset += piece.length;
    if (this.#offset >= data.length) {
      this.#head += 1;
      this.#offset = 0;
    }
    this.#ports.write(piece, replayed);
    this.#ports.drawn(piece.length);
    return true;
  }
}

/** A `soon` that hidden tabs do not slow down. */
export function messageScheduler(): { soon: (next: () => void) => void; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return {
    soon: (next) => {
      waiting.push(next);
      port2.postMessage(0);
    },
    close: () => port1.close(),
  };
}
