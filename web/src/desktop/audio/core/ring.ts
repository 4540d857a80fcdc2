/**
 * Frames of two channels in the order in which they came, read at any pace:
 * between two frames the value is that of a cubic through four (Catmull-Rom),
 * which at a frame is the frame itself.
 */

/** A cubic needs one frame before the position and two after it. */
const AFTER = 2;

export class Ring {
  readonly #capacity: number;
  readonly #left: Float32Array;
  readonly #right: Float32Array;
  /** Frames ever written; positions count from the first. */
  #written = 0;
  /** Where reading is, between frames. */
  #position = 0;

  /** `capacity` in frames. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#left = new Float32Array(capacity);
    this.#right = new Float32Array(capacity);
  }

  /** Frames that were not read yet. */
  get frames(): number {
    return Math.max(0, this.#written - Math.floor(this.#position));
  }

  /** Whether there is enough for `next`. */
  get readable(): boolean {
    return Math.floor(this.#position) + AFTER < this.#written;
  }

  /** Adds frames, and gives how many of the oldest were lost to keep no more than `room`. */
  push(left: Float32Array, right: Float32Array, room: number): number {
    const keep = Math.min(room, this.#capacity - AFTER - 1);
    const skipped = Math.max(0, left.length - keep);
    for (let index = skipped; index < left.length; index += 1) {
      const at = this.#written % this.#capacity;
      this.#left[at] = left[index] ?? 0;
      this.#right[at] = right[index] ?? 0;
      this.#written += 1;
    }
    const over = Math.max(0, this.frames - keep);
    this.#position += over;
    return skipped + over;
  }

  /** The frame at the position, which moves on by `step` frames; only while `readable`. */
  next(step: number): [number, number] {
    const index = Math.floor(this.#position);
    const between = this.#position - index;
    this.#position += step;
    return [this.#at(this.#left, index, between), this.#at(this.#right, index, between)];
  }

  skip(frames: number): void {
    this.#position = Math.min(this.#written, this.#position + frames);
  }

  clear(): void {
    this.#position = this.#written;
  }

  #at(samples: Float32Array, index: number, between: number): number {
    const one = this.#sample(samples, index);
    if (between === 0) return one;
    const before = index > 0 ? this.#sample(samples, index - 1) : one;
    const two = this.#sample(samples, index + 1);
    const three = this.#sample(samples, index + 2);
    const linear = (two - before) / 2;
    const cubic = (3 * (one - two) + three - before) / 2;
    const square = before - 2.5 * one + 2 * two - three / 2;
    return ((cubic * between + square) * between + linear) * between + one;
  }

  #sample(samples: Float32Array, index: number): number {
    return samples[index % this.#capacity] ?? 0;
  }
}
