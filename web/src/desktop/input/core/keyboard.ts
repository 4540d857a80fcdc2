/**
 * The keyboard of a desktop: events of the browser in, keys and texts for the
 * target out, in their order. No DOM in here: an adapter calls `handle*`,
 * does as they answer, and sends what `pollOutput` gives. Times are
 * milliseconds of one clock.
 *
 * A key goes out as a key where it is one: by its place and by what it means
 * in the viewer's layout. What no single key gave (an input method, a dead
 * key, Option on a Mac) goes out as text. Every key that went down goes up
 * again, whatever the browser forgets to tell.
 */

import type { DesktopInput, LockKeys } from '../../../protocol/desktop-messages';
import type { KeyCombination } from './combinations';
import { HeldKeys } from './held-keys';
import {
  codeOfName,
  isCharacter,
  isLock,
  isOneSided,
  modifierOf,
  placeOf,
  plainKey,
  type Modifier,
} from './key-names';
import { LockSync } from './lock-sync';
import type { Platform } from './platform';

/** A `keydown` or `keyup`. */
export type KeyPress = {
  code: string;
  key: string;
  repeat: boolean;
  /** It belongs to an input method: `isComposing`, or key code 229. */
  composing: boolean;
  flags: Readonly<Record<Modifier, boolean>>;
  /** The viewer's lock keys; undefined where they are not known. */
  locks: LockKeys | undefined;
};

/** What a person chose for a Mac's keys. */
export type KeyboardChoices = {
  /** Command is the target's Control, or its Windows key. */
  command: 'control' | 'meta';
  /** Option gives characters, as it does on a Mac, or is the target's Alt. */
  option: 'characters' | 'alt';
};

export type KeyboardOutput =
  | Extract<DesktopInput, { is: 'key' | 'text' | 'lock_keys' }>
  /** The clipboard's text, ahead of the keys that paste it. */
  | { is: 'pasted'; text: string }
  /** The person wants the tools. */
  | { is: 'tools' };

/** Whether the browser may act on an event itself. */
export type Verdict = 'prevent' | 'allow';

/** Windows tells AltGr as Control and, within this time, Alt, ms. */
const FAKE_CONTROL_MS = 50;

/** How long keys that paste wait for the browser to give the clipboard, ms. */
const PASTE_WAIT_MS = 60;

export class Keyboard {
  readonly #platform: Platform;
  #choices: KeyboardChoices;
  readonly #locks = new LockSync();
  readonly #outputs: KeyboardOutput[] = [];
  readonly #held = new HeldKeys((code, key, down) =>
    this.#outputs.push({ is: 'key', code, key, down }),
  );
  /** Option went down on a Mac, and no key has needed it yet. */
  readonly #options = new Set<string>();
  #control: { key: string; until: number } | undefined;
  #paste: { press: KeyPress; until: number } | undefined;
  #dead = false;

  constructor(platform: Platform, choices: KeyboardChoices) {
    this.#platform = platform;
    this.#choices = choices;
  }

  /** The modifiers of the on-screen row that wait for a key. */
  get sticky(): readonly string[] {
    return this.#held.sticky;
  }

  /** Control or Command is down: what closes the page now was meant for the target. */
  get commanding(): boolean {
    return ['ControlLeft', 'ControlRight', 'MetaLeft', 'MetaRight'].some((code) => this.#held.has(code));
  }

  setChoices(choices: KeyboardChoices): void {
    this.handleRelease();
    this.#choices = choices;
  }

  pollOutput(): KeyboardOutput | undefined {
    return this.#outputs.shift();
  }

  nextTimeout(): number | undefined {
    const earliest = Math.min(this.#control?.until ?? Infinity, this.#paste?.until ?? Infinity);
    return earliest === Infinity ? undefined : earliest;
  }

  handleTimeout(now: number): void {
    if (this.#control && now >= this.#control.until) this.#settleControl();
    if (this.#paste && now >= this.#paste.until) this.handlePaste(undefined);
  }

  // ---- Events ------------------------------------------------------------------

  handleDown(press: KeyPress, now: number): Verdict {
    this.handlePaste(undefined);
    if (this.#isFakeControl(press, now)) return 'prevent';
    this.#settleControl();
    if (press.composing || press.key === 'Process') return 'allow';
    if (press.key === 'Dead' || press.key === 'Compose') {
      this.#dead = true;
      return 'allow';
    }
    const code = press.code || codeOfName(press.key);
    if (!code || code === 'Unidentified') return this.#handlePlaceless(press);
    return this.#handlePlaced({ ...press, code }, now);
  }

  handleUp(press: KeyPress): Verdict {
    if (this.#paste?.press.code === press.code) this.handlePaste(undefined);
    if (press.code === 'ControlLeft') this.#settleControl();
    this.#options.delete(press.code);
    const code = press.code || codeOfName(press.key) || '';
    if (this.#held.has(code)) this.#held.release(code);
    else if (this.#isToldOnlyUp(press)) this.#tap(press.code, press.key);
    // Windows tells but one release of two Shift keys.
    const lifted = modifierOf(code);
    if (this.#platform === 'windows' && lifted === 'shift') this.#held.releaseModifier(lifted);
    return 'prevent';
  }

  /** Text that came into the field: from an input method, a dead key, an on-screen keyboard. */
  handleText(text: string): void {
    this.#dead = false;
    for (const part of text.split(/(\r\n|[\r\n\t])/)) {
      if (part === '\t') this.#tap('Tab', 'Tab');
      else if (part === '\n' || part === '\r' || part === '\r\n') this.#tap('Enter', 'Enter');
      else if (part !== '') this.#typeText(part);
    }
  }

  /** Characters taken back from the field: an on-screen keyboard corrects itself. */
  handleErased(count: number): void {
    for (let left = count; left > 0; left -= 1) this.#tap('Backspace', 'Backspace');
  }

  /** The clipboard that the browser gave to a pasting key, or undefined for none. */
  handlePaste(text: string | undefined): void {
    const waiting = this.#paste;
    this.#paste = undefined;
    if (text !== undefined && text !== '') this.#outputs.push({ is: 'pasted', text });
    if (waiting) this.#press(waiting.press);
  }

  /** The target's lock keys. */
  handleLocks(keys: LockKeys): void {
    this.#locks.handleTold(keys);
  }

  /** Keys of which no `keyup` may come: the page lost the focus, or is hidden. */
  handleRelease(): void {
    this.#control = undefined;
    this.#paste = undefined;
    this.#dead = false;
    this.#options.clear();
    this.#held.releaseAll();
    this.#locks.forget();
  }

  /** The modifiers that are truly down, as any event of the browser tells. */
  handleFlags(flags: KeyPress['flags']): void {
    for (const modifier of ['ctrl', 'shift', 'alt', 'meta'] as const) {
      if (!flags[modifier]) this.#held.releaseModifier(modifier);
    }
  }

  /** Keys pressed by the page's tools: down in their order, up in the reverse. */
  handleCombination(keys: KeyCombination['keys']): void {
    for (const { code, key } of keys) this.#outputs.push({ is: 'key', code, key, down: true });
    for (const { code, key } of keys.toReversed()) {
      this.#outputs.push({ is: 'key', code, key, down: false });
    }
    this.#held.releaseSticky();
  }

  /** A modifier of the on-screen row: down until the next key, or until it is tapped again. */
  handleSticky(code: string, key: string): void {
    if (this.#held.has(code)) this.#held.release(code);
    else this.#held.press(code, code, key, true);
  }

  // ---- Keys with a place ---------------------------------------------------------

  #handlePlaced(press: KeyPress, now: number): Verdict {
    const { code, key, flags } = press;
    const modifier = modifierOf(code);
    if (modifier && key !== 'AltGraph' && this.#asksForTools(modifier, flags)) {
      this.handleRelease();
      this.#outputs.push({ is: 'tools' });
      return 'prevent';
    }
    if (this.#dead && !modifier) {
      this.#dead = false;
      // The field gets what the two keys make, or nothing when the dead key was taken back.
      if (isCharacter(key) || key === 'Backspace' || key === 'Escape') return 'allow';
    }
    if (this.#platform === 'mac' && modifier === 'alt' && this.#choices.option === 'characters') {
      this.#options.add(code);
      return 'prevent';
    }
    if (this.#pastes(press) && !press.repeat) {
      this.#paste = { press, until: now + PASTE_WAIT_MS };
      return 'allow';
    }
    this.#press(press);
    return 'prevent';
  }

  #press(press: KeyPress): void {
    const { code, key, flags, locks } = press;
    if (!modifierOf(code)) this.handleFlags(flags);
    if (!isLock(code) && locks) this.#tellLocks(locks);
    if (this.#options.size > 0 && !modifierOf(code)) {
      if (isCharacter(key) && !flags.ctrl && !flags.meta) {
        this.#typeText(key);
        return;
      }
      this.#holdOptions();
    }
    const [sentCode, sentKey] = this.#translated(press);
    // A Mac tells no release of what is pressed while Command is down, and one side of Caps Lock.
    const lostRelease = this.#platform === 'mac' && (flags.meta || code === 'CapsLock');
    if ((lostRelease && !modifierOf(code)) || isOneSided(key)) this.#held.tap(sentCode, sentKey);
    else this.#held.press(code, sentCode, sentKey);
    if (isLock(code)) this.#locks.handleSent(code);
    if (!modifierOf(code)) this.#held.releaseSticky();
  }

  /** The place and the meaning that the target is told. */
  #translated({ code, key, flags }: KeyPress): [code: string, key: string] {
    // X11 calls Alt Meta while Shift is down.
    if (modifierOf(code) === 'alt' && key === 'Meta') return [code, 'Alt'];
    if (this.#platform !== 'mac') return [code, key];
    if (modifierOf(code) === 'meta' && this.#choices.command === 'control') {
      return [code.replace('Meta', 'Control'), 'Control'];
    }
    // Option as Alt: what the letter would be without it.
    if (flags.alt && isCharacter(key)) return [code, plainKey(code) ?? key];
    return [code, key];
  }

  #handlePlaceless({ key, flags }: KeyPress): Verdict {
    if (!isCharacter(key) || key === '' || flags.ctrl || flags.meta) return 'allow';
    this.#typeText(key);
    return 'prevent';
  }

  #asksForTools(modifier: Modifier, flags: KeyPress['flags']): boolean {
    const down = { ...flags, [modifier]: true };
    return down.ctrl && down.alt && down.shift && !down.meta && modifier !== 'meta';
  }

  /** Keys on which browsers give the clipboard to the page. */
  #pastes({ code, key, flags }: KeyPress): boolean {
    if (flags.alt) return false;
    if (code === 'Insert') return flags.shift && !flags.ctrl && !flags.meta;
    // A layout without Latin letters pastes by the place.
    const isV = key.toLowerCase() === 'v' || (code === 'KeyV' && key > '\u007f');
    const command = this.#platform === 'mac' ? flags.meta && !flags.ctrl : flags.ctrl && !flags.meta;
    return isV && command;
  }

  #isToldOnlyUp({ code, key }: KeyPress): boolean {
    if (code === 'PrintScreen' || isOneSided(key)) return true;
    return this.#platform === 'mac' && code === 'CapsLock';
  }

  // ---- Windows' AltGr --------------------------------------------------------------

  /** Holds a Control back that may be the first half of AltGr; drops it when it was. */
  #isFakeControl(press: KeyPress, now: number): boolean {
    if (this.#platform !== 'windows') return false;
    if (press.code === 'ControlLeft' && !press.repeat && !this.#held.has('ControlLeft')) {
      this.#control = { key: press.key, until: now + FAKE_CONTROL_MS };
      return true;
    }
    if (press.code === 'AltRight' && this.#control) {
      this.#control = undefined;
      this.#held.press('AltRight', 'AltRight', 'AltGraph');
      return true;
    }
    // The fake Control repeats as long as AltGr is held.
    return press.code === 'ControlLeft' && this.#held.keyOf('AltRight') === 'AltGraph';
  }

  #settleControl(): void {
    const control = this.#control;
    this.#control = undefined;
    if (control) this.#held.press('ControlLeft', 'ControlLeft', control.key);
  }

  // ---- What goes out -----------------------------------------------------------------

  #holdOptions(): void {
    for (const code of this.#options) this.#held.press(code, code, 'Alt');
    this.#options.clear();
  }

  #tellLocks(locks: LockKeys): void {
    const told = this.#locks.check(locks);
    if (told) this.#outputs.push({ is: 'lock_keys', ...told });
  }

  #tap(code: string, key: string): void {
    this.#held.tap(code, key);
    if (isLock(code)) this.#locks.handleSent(code);
  }

  /** Text, or a key where a waiting modifier is meant for it. */
  #typeText(text: string): void {
    const place = this.#held.sticky.length > 0 ? placeOf(text) : undefined;
    if (place) this.#held.tap(place, text);
    else this.#outputs.push({ is: 'text', text });
    this.#held.releaseSticky();
  }
}
