/** The keys that are down at the target, by the place that the browser named. */

import { modifierOf, type Modifier } from './key-names';

/** Keys that can be down at once; more are nobody's fingers. */
const HELD_MAX = 64;

type Held = { code: string; key: string; sticky: boolean };

export class HeldKeys {
  readonly #held = new Map<string, Held>();
  readonly #send: (code: string, key: string, down: boolean) => void;

  /** `send` tells the target of a place and a meaning. */
  constructor(send: (code: string, key: string, down: boolean) => void) {
    this.#send = send;
  }

  has(place: string): boolean {
    return this.#held.has(place);
  }

  /** What the key at `place` meant when it went down. */
  keyOf(place: string): string | undefined {
    return this.#held.get(place)?.key;
  }

  /** Places of the modifiers that wait for a key. */
  get sticky(): string[] {
    return [...this.#held].filter(([, { sticky }]) => sticky).map(([place]) => place);
  }

  /** Down, or once more: a repetition is what went down, whatever the layout says by now. */
  press(place: string, code: string, key: string, sticky = false): void {
    const held = this.#held.get(place) ?? { code, key, sticky };
    if (this.#held.size >= HELD_MAX && !this.#held.has(place)) return;
    this.#held.set(place, held);
    this.#send(held.code, held.key, true);
  }

  release(place: string): void {
    const held = this.#held.get(place);
    if (!held) return;
    this.#held.delete(place);
    this.#send(held.code, held.key, false);
  }

  releaseAll(): void {
    for (const place of [...this.#held.keys()].reverse()) this.release(place);
  }

  releaseSticky(): void {
    for (const place of this.sticky) this.release(place);
  }

  /** Lifts both keys of a modifier that is no longer down at the viewer. */
  releaseModifier(modifier: Modifier): void {
    for (const [place, { key, sticky }] of [...this.#held]) {
      // AltGr shows in no flag that all browsers share.
      if (modifierOf(place) === modifier && key !== 'AltGraph' && !sticky) this.release(place);
    }
  }

  /** Down and up at once. */
  tap(code: string, key: string): void {
    this.#send(code, key, true);
    this.#send(code, key, false);
  }
}
