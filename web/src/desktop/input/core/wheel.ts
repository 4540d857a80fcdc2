/**
 * Wheels and trackpads in the session protocol's unit: 120 a notch, positive
 * to the right and down. What is less than a step is kept for the next time.
 */

/** Units of a notch, as Windows counts them (WHEEL_DELTA). */
export const NOTCH = 120;

/** CSS pixels that scroll as far as one notch. */
const PIXELS_PER_NOTCH = 100;

/** Lines that scroll as far as one notch. */
const LINES_PER_NOTCH = 3;

/** More notches in one event are no turn of a wheel. */
const NOTCHES_MAX = 20;

export type WheelTurn = {
  deltaX: number;
  deltaY: number;
  /** `WheelEvent.deltaMode`: 0 pixels, 1 lines, 2 pages. */
  deltaMode: number;
  /** Chromium's and Safari's own count, 120 a notch and upwards; a page's settings do not change it. */
  wheelDeltaX?: number | undefined;
  wheelDeltaY?: number | undefined;
};

export class Wheel {
  /** The target takes multiples of this. */
  readonly #step: number;
  readonly #rest = { x: 0, y: 0 };

  /** `step` is `NOTCH` for a target that knows whole notches only. */
  constructor(step: number) {
    this.#step = step;
  }

  /** The units to tell now. */
  handleTurn(turn: WheelTurn): { x: number; y: number } {
    return {
      x: this.#take('x', unitsOf(turn.deltaX, turn.deltaMode, turn.wheelDeltaX)),
      y: this.#take('y', unitsOf(turn.deltaY, turn.deltaMode, turn.wheelDeltaY)),
    };
  }

  #take(axis: 'x' | 'y', units: number): number {
    // The other way round: what was left does not count against it.
    if (units * this.#rest[axis] < 0) this.#rest[axis] = 0;
    const sum = this.#rest[axis] + units;
    const told = Math.trunc(sum / this.#step) * this.#step;
    this.#rest[axis] = sum - told;
    // No negative zero on the wire.
    return told || 0;
  }
}

function unitsOf(delta: number, mode: number, wheelDelta: number | undefined): number {
  if (!Number.isFinite(delta) || delta === 0) return 0;
  const exact = wheelDelta !== undefined && wheelDelta !== 0 && wheelDelta % NOTCH === 0;
  const notches = exact ? -wheelDelta / NOTCH : delta / perNotch(mode);
  return Math.max(-NOTCHES_MAX, Math.min(NOTCHES_MAX, notches)) * NOTCH;
}

function perNotch(mode: number): number {
  if (mode === 1) return LINES_PER_NOTCH;
  return mode === 2 ? 1 : PIXELS_PER_NOTCH;
}
