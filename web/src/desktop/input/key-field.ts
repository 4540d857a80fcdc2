/**
 * The hidden field that has the focus while a desktop is used: input methods,
 * dead keys, on-screen keyboards and pastes need one. It turns events into
 * calls of a `Keyboard` and gives out what that makes of them.
 */

import { fieldChange, FIELD_CONTENT } from './core/field-text';
import type { Keyboard, KeyboardOutput, KeyPress } from './core/keyboard';

/** `KeyboardEvent.keyCode` of what an input method has taken. */
const KEY_CODE_COMPOSING = 229;

export type KeyFieldPorts = {
  take: (output: KeyboardOutput) => void;
  /** What an input method is making; empty when it is done. */
  composing: (text: string) => void;
};

export class KeyField {
  readonly #field: HTMLTextAreaElement;
  readonly #keyboard: Keyboard;
  readonly #ports: KeyFieldPorts;
  readonly #listening = new AbortController();
  /** Fingers have no lock keys, and their keyboards compose each word. */
  readonly #touch: boolean;
  #content = FIELD_CONTENT;
  #composing = false;
  #enabled = false;
  #timer: number | undefined;

  constructor(
    field: HTMLTextAreaElement,
    keyboard: Keyboard,
    touch: boolean,
    ports: KeyFieldPorts,
  ) {
    this.#field = field;
    this.#keyboard = keyboard;
    this.#touch = touch;
    this.#ports = ports;
    this.#empty();
    this.#listen();
  }

  /** Keys go nowhere while it is disabled, and the browser keeps its own. */
  setEnabled(enabled: boolean): void {
    if (!enabled) this.release();
    this.#enabled = enabled;
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  get focused(): boolean {
    return document.activeElement === this.#field;
  }

  /** Whether a system's on-screen keyboard comes up for the field. */
  setOnScreen(wanted: boolean): void {
    // Only a change of focus makes browsers look at the mode again.
    this.#field.blur();
    this.#field.inputMode = wanted ? 'text' : 'none';
    this.focus();
  }

  /** Lifts every key. */
  release(): void {
    this.#do(() => this.#keyboard.handleRelease());
  }

  /** Acts on the keyboard from outside, e.g. for a key of the tools. */
  act(on: (keyboard: Keyboard) => void): void {
    if (this.#enabled) this.#do(() => on(this.#keyboard));
  }

  dispose(): void {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  #listen(): void {
    const { signal } = this.#listening;
    const field = this.#field;
    const on = <Kind extends keyof HTMLElementEventMap>(
      kind: Kind,
      handle: (event: HTMLElementEventMap[Kind]) => void,
    ): void => field.addEventListener(kind, handle, { signal });
    on('keydown', (event) => this.#handleKey(event, 'down'));
    on('keyup', (event) => this.#handleKey(event, 'up'));
    on('compositionstart', () => (this.#composing = true));
    on('compositionupdate', ({ data }) => this.#ports.composing(this.#touch ? '' : data));
    on('compositionend', () => {
      this.#composing = false;
      this.#ports.composing('');
      // Some browsers write the text into the field only after this event.
      setTimeout(() => this.#readField());
    });
    on('input', () => {
      if (!this.#composing || this.#touch) this.#readField();
    });
    on('paste', (event) => {
      event.preventDefault();
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (this.#enabled) this.#do(() => this.#keyboard.handlePaste(text));
    });
    on('drop', (event) => event.preventDefault());
    on('blur', () => this.release());
    document.addEventListener('visibilitychange', () => document.hidden && this.release(), { signal });
    addEventListener('blur', () => this.release(), { signal });
    // Ctrl+W was meant for the target, but some browsers keep it: at least they ask.
    addEventListener(
      'beforeunload',
      (event) => this.#enabled && this.#keyboard.commanding && event.preventDefault(),
      { signal },
    );
  }

  #handleKey(event: KeyboardEvent, way: 'down' | 'up'): void {
    if (!this.#enabled) return;
    const press = this.#pressOf(event);
    const verdict = this.#do(() =>
      way === 'down'
        ? this.#keyboard.handleDown(press, performance.now())
        : this.#keyboard.handleUp(press),
    );
    if (verdict === 'prevent') event.preventDefault();
    // Not for the page's own shortcuts, whatever becomes of it.
    event.stopPropagation();
  }

  #pressOf(event: KeyboardEvent): KeyPress {
    const lock = (name: string): boolean => event.getModifierState(name);
    const locks = { caps: lock('CapsLock'), num: lock('NumLock'), scroll: lock('ScrollLock') };
    return {
      code: event.code,
      key: event.key,
      repeat: event.repeat,
      composing: event.isComposing || event.keyCode === KEY_CODE_COMPOSING,
      flags: flagsOf(event),
      locks: this.#touch ? undefined : locks,
    };
  }

  /** Tells how the field's content changed, and starts over. */
  #readField(): void {
    const { erased, text } = fieldChange(this.#content, this.#field.value);
    this.#content = this.#field.value;
    // A composition goes on in what it has written.
    if (!this.#composing) this.#empty();
    if (!this.#enabled) return;
    this.#do(() => {
      this.#keyboard.handleErased(erased);
      if (text !== '') this.#keyboard.handleText(text);
    });
  }

  #empty(): void {
    this.#content = FIELD_CONTENT;
    this.#field.value = FIELD_CONTENT;
    this.#field.setSelectionRange(FIELD_CONTENT.length, FIELD_CONTENT.length);
  }

  #do<T>(act: () => T): T {
    const result = act();
    for (let output = this.#keyboard.pollOutput(); output; output = this.#keyboard.pollOutput()) {
      this.#ports.take(output);
    }
    this.#setTimer();
    return result;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const at = this.#keyboard.nextTimeout();
    if (at === undefined) return;
    this.#timer = setTimeout(
      () => this.#do(() => this.#keyboard.handleTimeout(performance.now())),
      Math.max(0, at - performance.now()),
    );
  }
}

/** The modifiers that any event of the browser tells of. */
export function flagsOf(event: KeyboardEvent | MouseEvent): KeyPress['flags'] {
  return { ctrl: event.ctrlKey, shift: event.shiftKey, alt: event.altKey, meta: event.metaKey };
}
