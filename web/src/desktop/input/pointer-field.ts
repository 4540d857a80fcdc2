/**
 * The place where the pointer of a desktop moves: mouse, pen and fingers of
 * the browser as places, buttons and wheel of the remote screen.
 */

import type { PointerState } from '../../protocol/desktop-messages';
import { buttonsOf, PointerCore, type Point } from './core/pointer';
import { Touch, type TouchOutput } from './core/touch';
import { Wheel } from './core/wheel';

export type PointerPorts = {
  /** Where a place of the page is on the remote screen, within it; undefined while there is none. */
  toRemote: (clientX: number, clientY: number) => Point | undefined;
  tell: (state: PointerState) => void;
  /** A button or a finger went down: the page takes the focus. */
  pressed: (event: PointerEvent) => void;
  /** Fingers spread or pinch: the view's own affair. */
  zoom: (at: Point, factor: number, by: Point) => void;
};

/** CSS pixels of two fingers' way that scroll as far as a hundred of a wheel. */
const FINGER_GAIN = 2.5;

export class PointerField {
  readonly #host: HTMLElement;
  readonly #ports: PointerPorts;
  readonly #pointer: PointerCore;
  readonly #touch = new Touch();
  readonly #listening = new AbortController();
  #wheel: Wheel;
  #enabled = false;
  #frame: number | undefined;
  #timer: number | undefined;

  /** `wheelStep` is the smallest turn that the target knows. */
  constructor(host: HTMLElement, wheelStep: number, ports: PointerPorts) {
    this.#host = host;
    this.#ports = ports;
    this.#wheel = new Wheel(wheelStep);
    this.#pointer = new PointerCore((state) => {
      if (this.#enabled) ports.tell(state);
    });
    this.#listen();
  }

  setEnabled(enabled: boolean): void {
    if (!enabled) this.release();
    this.#enabled = enabled;
  }

  setWheelStep(step: number): void {
    this.#wheel = new Wheel(step);
  }

  /** Lifts every button. */
  release(): void {
    this.#pointer.handleRelease();
  }

  dispose(): void {
    this.#listening.abort();
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #listen(): void {
    const { signal } = this.#listening;
    const options = { signal, passive: false };
    const on = <Kind extends keyof HTMLElementEventMap>(
      kind: Kind,
      handle: (event: HTMLElementEventMap[Kind]) => void,
    ): void => this.#host.addEventListener(kind, handle, options);
    on('pointerdown', (event) => this.#handleDown(event));
    on('pointermove', (event) => this.#handlePointer(event));
    on('pointerup', (event) => this.#handlePointer(event));
    on('pointercancel', (event) => this.#handleCancel(event));
    on('lostpointercapture', (event) => this.#handleLost(event));
    on('wheel', (event) => this.#handleWheel(event));
    on('contextmenu', (event) => event.preventDefault());
    // The field keeps the focus; no middle button scrolls the page, no drag begins.
    on('mousedown', (event) => event.preventDefault());
    on('auxclick', (event) => event.preventDefault());
    on('dragstart', (event) => event.preventDefault());
    addEventListener('blur', () => this.release(), { signal });
  }

  #handleDown(event: PointerEvent): void {
    this.#ports.pressed(event);
    if (!this.#enabled) return;
    event.preventDefault();
    // A press goes on outside of the picture until it ends.
    this.#host.setPointerCapture(event.pointerId);
    this.#handlePointer(event);
  }

  #handlePointer(event: PointerEvent): void {
    if (event.pointerType === 'touch') {
      this.#handleFinger(event);
      return;
    }
    const at = this.#ports.toRemote(event.clientX, event.clientY);
    if (at) this.#pointer.handleButtons(at, buttonsOf(event.buttons));
    this.#wantFrame();
  }

  #handleCancel(event: PointerEvent): void {
    if (event.pointerType === 'touch') this.#feel(() => this.#touch.handleCancel(event.pointerId));
    else this.release();
  }

  #handleLost(event: PointerEvent): void {
    // After an ordinary release there is nothing left to lift.
    if (event.pointerType !== 'touch' && event.buttons === 0) this.release();
  }

  #handleWheel(event: WheelEvent): void {
    if (!this.#enabled) return;
    event.preventDefault();
    // Read first: Firefox tells pixels to pages that do not ask for the mode.
    const { deltaMode } = event;
    const { deltaX, deltaY } = event;
    const { wheelDeltaX, wheelDeltaY } = event as WheelEvent & Record<string, number | undefined>;
    const at = this.#ports.toRemote(event.clientX, event.clientY);
    const turn = { deltaX, deltaY, deltaMode, wheelDeltaX, wheelDeltaY };
    if (at) this.#pointer.handleWheel(at, this.#wheel.handleTurn(turn));
    this.#wantFrame();
  }

  // ---- Fingers ---------------------------------------------------------------------

  #handleFinger(event: PointerEvent): void {
    const at = { x: event.clientX, y: event.clientY };
    const finger = event.pointerId;
    this.#feel(() => {
      if (event.type === 'pointerdown') this.#touch.handleDown(finger, at, performance.now());
      else if (event.type === 'pointermove') this.#touch.handleMove(finger, at);
      else this.#touch.handleUp(finger);
    });
  }

  #feel(act: () => void): void {
    act();
    for (let output = this.#touch.pollOutput(); output; output = this.#touch.pollOutput()) {
      this.#carryOut(output);
    }
    this.#wantFrame();
    clearTimeout(this.#timer);
    const due = this.#touch.nextTimeout();
    if (due === undefined) return;
    const wait = Math.max(0, due - performance.now());
    this.#timer = setTimeout(() => this.#feel(() => this.#touch.handleTimeout(performance.now())), wait);
  }

  #carryOut(output: TouchOutput): void {
    if (output.is === 'felt') {
      navigator.vibrate?.(12);
      return;
    }
    if (output.is === 'zoom') {
      this.#ports.zoom(output.at, output.factor, output.by);
      return;
    }
    const at = this.#ports.toRemote(output.at.x, output.at.y);
    if (!at) return;
    if (output.is === 'buttons') this.#pointer.handleButtons(at, output.buttons);
    else if (output.is === 'move') this.#pointer.handleMove(at);
    else this.#scroll(at, output.by);
  }

  /** The content follows the fingers, so the wheel turns the other way. */
  #scroll(at: Point, by: Point): void {
    const turn = { deltaX: -by.x * FINGER_GAIN, deltaY: -by.y * FINGER_GAIN, deltaMode: 0 };
    this.#pointer.handleWheel(at, this.#wheel.handleTurn(turn));
  }

  #wantFrame(): void {
    if (!this.#pointer.wantsFrame || this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#pointer.handleFrame();
      this.#wantFrame();
    });
  }
}
