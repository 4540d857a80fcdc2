/** The hands at a desktop: keys, pointer and fingers on the elements that take them. */

import type { DesktopInput } from '../protocol/desktop-messages';
import type { Keyboard, KeyboardOutput } from './input/core/keyboard';
import { flagsOf, KeyField } from './input/key-field';
import type { Point } from './input/core/pointer';
import { PointerField } from './input/pointer-field';
import { NOTCH } from './input/core/wheel';

export type HandPorts = {
  toRemote: (clientX: number, clientY: number) => Point | undefined;
  input: (input: DesktopInput) => void;
  /** Keys that paste brought the clipboard along. */
  pasted: (text: string) => void;
  /** The person wants the tools. */
  tools: () => void;
  /** A key, a button or a finger: what browsers call a gesture. */
  gesture: () => void;
  zoom: (at: Point, factor: number, by: Point) => void;
  /** What an input method is making; empty when it is done. */
  composing: (text: string) => void;
};

export type HandElements = {
  /** Where the pointer moves. */
  room: HTMLElement;
  /** Where it was last pressed: most often where text goes. In `room`'s parent. */
  caret: HTMLElement;
  /** Has the focus; lies at `caret`, where input methods then show what they offer. */
  field: HTMLTextAreaElement;
};

/** Some fingers are all that points here. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

export class DesktopHands {
  readonly keys: KeyField;
  readonly #pointer: PointerField;
  readonly #elements: HandElements;
  readonly #ports: HandPorts;
  #onScreen = false;

  constructor(elements: HandElements, keyboard: Keyboard, ports: HandPorts) {
    const { room, field } = elements;
    this.#elements = elements;
    this.#ports = ports;
    const touch = isTouch();
    // Else each tap would bring the system's keyboard up.
    field.inputMode = touch ? 'none' : 'text';
    this.keys = new KeyField(field, keyboard, touch, {
      take: (output) => this.#typed(output),
      composing: ports.composing,
    });
    this.#pointer = new PointerField(room, NOTCH, {
      toRemote: ports.toRemote,
      tell: (state) => ports.input({ is: 'pointer', ...state }),
      pressed: (event) => this.#pressed(event),
      zoom: ports.zoom,
    });
  }

  /** True while the system's on-screen keyboard is wanted. */
  get onScreen(): boolean {
    return this.#onScreen;
  }

  setEnabled(enabled: boolean): void {
    this.keys.setEnabled(enabled);
    this.#pointer.setEnabled(enabled);
  }

  /** The smallest turn of a wheel that the target knows. */
  setWheelStep(step: number): void {
    this.#pointer.setWheelStep(step);
  }

  focus(): void {
    this.keys.focus();
  }

  setOnScreen(wanted: boolean): void {
    this.#onScreen = wanted;
    this.keys.setOnScreen(wanted);
  }

  dispose(): void {
    this.keys.dispose();
    this.#pointer.dispose();
  }

  #typed(output: KeyboardOutput): void {
    if (output.is === 'tools') this.#ports.tools();
    else if (output.is === 'pasted') this.#ports.pasted(output.text);
    else {
      this.#ports.input(output);
      if (output.is !== 'key' || output.down) this.#ports.gesture();
    }
  }

  #pressed(event: PointerEvent): void {
    const { room, caret } = this.#elements;
    const { left, top } = room.getBoundingClientRect();
    caret.style.left = `${Math.round(event.clientX - left)}px`;
    caret.style.top = `${Math.round(event.clientY - top)}px`;
    this.focus();
    this.keys.act((keyboard) => keyboard.handleFlags(flagsOf(event)));
    this.#ports.gesture();
  }
}
