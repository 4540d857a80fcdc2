/** Rates of late, from counters that only grow. Times are ms of one clock. */

/** Samples that are kept. */
export const SAMPLES_MAX = 60;

/** What is counted. */
export type Counters = { bytes: number; frames: number };

/** A second, or however long it was, in rates. */
export type Rates = { bytesPerSecond: number; framesPerSecond: number };

export class Meter {
  #last: (Counters & { at: number }) | undefined;
  #history: Rates[] = [];

  /** The oldest first. */
  get history(): readonly Rates[] {
    return this.#history;
  }

  get latest(): Rates {
    return this.#history.at(-1) ?? { bytesPerSecond: 0, framesPerSecond: 0 };
  }

  /** Takes the counters as they are now. */
  handleSample(counters: Counters, now: number): void {
    const last = this.#last;
    this.#last = { ...counters, at: now };
    const seconds = last ? (now - last.at) / 1000 : 0;
    if (!last || seconds <= 0) return;
    const rates = {
      bytesPerSecond: (counters.bytes - last.bytes) / seconds,
      framesPerSecond: (counters.frames - last.frames) / seconds,
    };
    this.#history = [...this.#history, rates].slice(-SAMPLES_MAX);
  }
}
