/**
 * The pointer of a desktop. Moves are told at once, then once a frame;
 * buttons and wheel always, in their order, with the place where they were.
 * No DOM in here.
 */

import type { PointerState } from '../../../protocol/desktop-messages';

export type Point = { x: number; y: number };

/** Bits of `PointerState.buttons`. */
export const LEFT = 1;
export const MIDDLE = 2;
export const RIGHT = 4;

/** `MouseEvent.buttons` as the session protocol counts: it swaps middle and right. */
export function buttonsOf(buttons: number): number {
  const middle = buttons & 4 ? MIDDLE : 0;
  const right = buttons & 2 ? RIGHT : 0;
  return (buttons & (LEFT | 8 | 16)) | middle | right;
}

export class PointerCore {
  #at: Point = { x: 0, y: 0 };
  #buttons = 0;
  #wheel: Point = { x: 0, y: 0 };
  /** Something changed since the last time it was told. */
  #owed = false;
  /** The last move was told in this frame. */
  #toldInFrame = false;
  readonly #tell: (state: PointerState) => void;

  constructor(tell: (state: PointerState) => void) {
    this.#tell = tell;
  }

  get at(): Point {
    return this.#at;
  }

  get buttons(): number {
    return this.#buttons;
  }

  /** True while `handleFrame` has to be called at the next frame. */
  get wantsFrame(): boolean {
    return this.#owed || this.#toldInFrame;
  }

  handleMove(to: Point): void {
    if (to.x === this.#at.x && to.y === this.#at.y) return;
    this.#at = to;
    this.#owed = true;
    if (!this.#toldInFrame) this.#flush();
  }

  handleButtons(to: Point, buttons: number): void {
    if (buttons === this.#buttons) {
      this.handleMove(to);
      return;
    }
    // A press belongs to where it happened; the target may care how the pointer came there.
    if (this.#owed) this.#flush();
    this.#at = to;
    this.#buttons = buttons;
    this.#flush();
  }

  /** Wheel units; those of one frame go out together. */
  handleWheel(to: Point, units: Point): void {
    this.#at = to;
    if (units.x === 0 && units.y === 0) return;
    this.#wheel = { x: this.#wheel.x + units.x, y: this.#wheel.y + units.y };
    this.#owed = true;
    if (!this.#toldInFrame) this.#flush();
  }

  /** A frame has passed. */
  handleFrame(): void {
    this.#toldInFrame = false;
    if (this.#owed) this.#flush();
  }

  /** Lifts every button: the page lost the pointer. */
  handleRelease(): void {
    if (this.#buttons !== 0) this.handleButtons(this.#at, 0);
  }

  #flush(): void {
    this.#owed = false;
    this.#toldInFrame = true;
    const wheel = this.#wheel;
    this.#wheel = { x: 0, y: 0 };
    this.#tell({
      x: this.#at.x,
      y: this.#at.y,
      buttons: this.#buttons,
      wheelX: wheel.x,
      wheelY: wheel.y,
    });
  }
}
