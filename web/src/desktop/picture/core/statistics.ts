/** Figures over what happened last. */

/** The median of the last few values. */
export class MedianWindow {
  readonly #values: number[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }

  /** Undefined before the first value; the upper one of two in the middle. */
  get median(): number | undefined {
    return this.#values.toSorted((one, other) => one - other)[this.#values.length >> 1];
  }
}

/** How often something happened within the last second. */
export class RateWindow {
  readonly #times: number[] = [];

  /** `now` in ms, never going back. */
  add(now: number): void {
    this.#times.push(now);
    this.#forget(now);
  }

  perSecond(now: number): number {
    this.#forget(now);
    return this.#times.length;
  }

  #forget(now: number): void {
    const first = this.#times.findIndex((time) => time > now - 1000);
    this.#times.splice(0, first < 0 ? this.#times.length : first);
  }
}
