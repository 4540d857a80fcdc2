/** What of the screen changed since it was last put: few rectangles, and never much more than changed. */

import { DAMAGE_RECTS_MAX } from './limits';
import { area, around, type Rect } from './rect';

/** When the rectangles cover this share of the one around them, that one is put at once. */
const DENSE_SHARE = 0.6;

export class Damage {
  #rects: Rect[] = [];

  /** Adds a rectangle that lies within the screen. */
  add(rect: Rect): void {
    const last = this.#rects.at(-1);
    const joined = last && joinedWith(last, rect);
    if (joined) this.#rects[this.#rects.length - 1] = joined;
    else this.#rects.push(rect);
    if (this.#rects.length > DAMAGE_RECTS_MAX) this.#rects = [boundsOf(this.#rects)];
  }

  /** Takes what has gathered. */
  take(): Rect[] {
    const rects = this.#rects;
    this.#rects = [];
    if (rects.length < 2) return rects;
    const bounds = boundsOf(rects);
    const covered = rects.reduce((sum, rect) => sum + area(rect), 0);
    return covered >= area(bounds) * DENSE_SHARE ? [bounds] : rects;
  }

  clear(): void {
    this.#rects = [];
  }
}

function boundsOf(rects: readonly Rect[]): Rect {
  return rects.reduce(around);
}

/** The two as one, when nothing but them lies in it: tiles come in rows. */
function joinedWith(one: Rect, other: Rect): Rect | undefined {
  const bounds = around(one, other);
  return area(bounds) <= area(one) + area(other) ? bounds : undefined;
}
