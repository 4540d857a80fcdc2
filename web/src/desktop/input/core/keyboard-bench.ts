/** For the tests of the keyboard: a person who types, and what comes out, in one line a test. */

import type { KeyCombination } from './combinations';
import { Keyboard, type KeyboardChoices, type KeyPress, type Verdict } from './keyboard';
import type { Platform } from './platform';

const NO_FLAGS = { ctrl: false, shift: false, alt: false, meta: false };
const NO_LOCKS = { caps: false, num: false, scroll: false };

type More = Partial<Omit<KeyPress, 'code' | 'key' | 'flags'>> & { flags?: Partial<KeyPress['flags']> };

export class Typist {
  now = 1000;
  readonly keyboard: Keyboard;

  constructor(
    platform: Platform = 'other',
    choices: KeyboardChoices = { command: 'control', option: 'characters' },
  ) {
    this.keyboard = new Keyboard(platform, choices);
    // The first key tells the locks; most tests are not about them.
    this.keyboard.handleLocks(NO_LOCKS);
  }

  down(code: string, key: string, more: More = {}): Verdict {
    return this.keyboard.handleDown(pressOf(code, key, more), this.now);
  }

  up(code: string, key: string, more: More = {}): Verdict {
    return this.keyboard.handleUp(pressOf(code, key, more));
  }

  /** Down and up. */
  tap(code: string, key: string, more: More = {}): Verdict {
    const verdict = this.down(code, key, more);
    this.up(code, key, more);
    return verdict;
  }

  pass(ms: number): void {
    this.now += ms;
    this.keyboard.handleTimeout(this.now);
  }

  press(keys: KeyCombination['keys']): void {
    this.keyboard.handleCombination(keys);
  }

  /** `+KeyA:a` goes down, `-KeyA:a` up, `"text"` is text. */
  get out(): string {
    const words: string[] = [];
    for (let each = this.keyboard.pollOutput(); each; each = this.keyboard.pollOutput()) {
      if (each.is === 'key') words.push(`${each.down ? '+' : '-'}${each.code}:${each.key}`);
      else if (each.is === 'text') words.push(JSON.stringify(each.text));
      else if (each.is === 'pasted') words.push(`pasted(${each.text})`);
      else if (each.is === 'lock_keys') words.push(`locks(${each.caps},${each.num},${each.scroll})`);
      else words.push(each.is);
    }
    return words.join(' ');
  }
}

function pressOf(code: string, key: string, { flags, ...more }: More): KeyPress {
  return {
    code,
    key,
    repeat: false,
    composing: false,
    locks: NO_LOCKS,
    ...more,
    flags: { ...NO_FLAGS, ...flags },
  };
}
