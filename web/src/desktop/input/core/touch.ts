/**
 * Fingers as a pointer. One finger: a tap clicks where it lands, a drag holds
 * the left button, a long press holds the right one. Two fingers: a tap is a
 * right click, a movement turns the wheel or, spread or pinched, zooms the
 * view. No DOM in here; times are milliseconds, places are CSS pixels.
 */

import { LEFT, RIGHT, type Point } from './pointer';

/** A finger that stays this long asks for the right button, ms. */
export const LONG_PRESS_MS = 500;

/** A finger that moves this little has not moved, CSS pixels. */
export const SLOP_PX = 10;

/** Two fingers whose distance changed by this much pinch, CSS pixels. */
const PINCH_PX = 36;

export type TouchOutput =
  | { is: 'buttons'; at: Point; buttons: number }
  | { is: 'move'; at: Point }
  /** `by` is how far the fingers went, CSS pixels. */
  | { is: 'scroll'; at: Point; by: Point }
  /** The view grows by `factor` around `at`, and moves by `by`. */
  | { is: 'zoom'; at: Point; factor: number; by: Point }
  /** The long press took: the hand should feel it. */
  | { is: 'felt' };

type Gesture =
  | { is: 'none' }
  | { is: 'pressed'; finger: number; from: Point; until: number }
  | { is: 'dragging'; finger: number; buttons: number }
  | { is: 'paired'; from: Pair; last: Pair }
  | { is: 'scrolling'; last: Pair }
  | { is: 'zooming'; last: Pair }
  /** Done; waits until no finger is left. */
  | { is: 'over' };

type Pair = { centre: Point; distance: number };

export class Touch {
  readonly #fingers = new Map<number, Point>();
  readonly #outputs: TouchOutput[] = [];
  #gesture: Gesture = { is: 'none' };

  pollOutput(): TouchOutput | undefined {
    return this.#outputs.shift();
  }

  nextTimeout(): number | undefined {
    return this.#gesture.is === 'pressed' ? this.#gesture.until : undefined;
  }

  handleTimeout(now: number): void {
    const gesture = this.#gesture;
    if (gesture.is !== 'pressed' || now < gesture.until) return;
    this.#gesture = { is: 'dragging', finger: gesture.finger, buttons: RIGHT };
    this.#outputs.push({ is: 'buttons', at: gesture.from, buttons: RIGHT }, { is: 'felt' });
  }

  handleDown(finger: number, at: Point, now: number): void {
    this.#fingers.set(finger, at);
    const pair = this.#pair();
    if (this.#fingers.size === 1) {
      this.#gesture = { is: 'pressed', finger, from: at, until: now + LONG_PRESS_MS };
    } else if (pair && this.#gesture.is === 'pressed') {
      this.#gesture = { is: 'paired', from: pair, last: pair };
    } else {
      this.#finish();
    }
  }

  handleMove(finger: number, at: Point): void {
    if (!this.#fingers.has(finger)) return;
    this.#fingers.set(finger, at);
    const gesture = this.#gesture;
    if (gesture.is === 'pressed') this.#begin(gesture, at);
    else if (gesture.is === 'dragging') this.#outputs.push({ is: 'move', at });
    else this.#movePair();
  }

  handleUp(finger: number): void {
    const at = this.#fingers.get(finger);
    if (!at) return;
    const gesture = this.#gesture;
    if (gesture.is === 'pressed') this.#click(gesture.from, LEFT);
    if (gesture.is === 'paired') this.#click(gesture.from.centre, RIGHT);
    if (gesture.is === 'dragging') this.#outputs.push({ is: 'buttons', at, buttons: 0 });
    this.#leave(finger);
  }

  /** The system took the finger for itself. */
  handleCancel(finger: number): void {
    if (!this.#fingers.has(finger)) return;
    this.#finish();
    this.#leave(finger);
  }

  #begin(gesture: Extract<Gesture, { is: 'pressed' }>, at: Point): void {
    if (distance(gesture.from, at) <= SLOP_PX) return;
    this.#gesture = { is: 'dragging', finger: gesture.finger, buttons: LEFT };
    this.#outputs.push({ is: 'buttons', at: gesture.from, buttons: LEFT }, { is: 'move', at });
  }

  #movePair(): void {
    const pair = this.#pair();
    if (!pair) return;
    const gesture = this.#gesture;
    if (gesture.is === 'paired') this.#choose(gesture.from, pair);
    else if (gesture.is === 'scrolling') this.#scroll(gesture.last, pair);
    else if (gesture.is === 'zooming') this.#zoom(gesture.last, pair);
  }

  /** Two fingers begin to move: together, or apart. */
  #choose(from: Pair, now: Pair): void {
    if (Math.abs(now.distance - from.distance) > PINCH_PX) this.#zoom(from, now);
    else if (distance(now.centre, from.centre) > SLOP_PX) this.#scroll(from, now);
  }

  #scroll(last: Pair, now: Pair): void {
    this.#gesture = { is: 'scrolling', last: now };
    this.#outputs.push({ is: 'scroll', at: now.centre, by: minus(now.centre, last.centre) });
  }

  #zoom(last: Pair, now: Pair): void {
    this.#gesture = { is: 'zooming', last: now };
    const factor = now.distance / Math.max(1, last.distance);
    const by = minus(now.centre, last.centre);
    this.#outputs.push({ is: 'zoom', at: now.centre, factor, by });
  }

  #click(at: Point, buttons: number): void {
    this.#outputs.push({ is: 'buttons', at, buttons }, { is: 'buttons', at, buttons: 0 });
  }

  /** Ends what a finger held; what follows until the last finger is gone means nothing. */
  #finish(): void {
    const gesture = this.#gesture;
    if (gesture.is === 'dragging') {
      const at = this.#fingers.get(gesture.finger);
      if (at) this.#outputs.push({ is: 'buttons', at, buttons: 0 });
    }
    this.#gesture = { is: 'over' };
  }

  #leave(finger: number): void {
    this.#fingers.delete(finger);
    this.#gesture = this.#fingers.size === 0 ? { is: 'none' } : { is: 'over' };
  }

  #pair(): Pair | undefined {
    const [one, other] = this.#fingers.values();
    if (!one || !other) return undefined;
    const centre = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
    return { centre, distance: distance(one, other) };
  }
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function minus(one: Point, other: Point): Point {
  return { x: one.x - other.x, y: one.y - other.y };
}
