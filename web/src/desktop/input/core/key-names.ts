/**
 * Names of keys: `KeyboardEvent.code` is the place on the keyboard,
 * `KeyboardEvent.key` what it means in the viewer's layout (W3C UI Events
 * KeyboardEvent code and key Values).
 */

/** A modifier as the flags of an event tell of it. */
export type Modifier = 'ctrl' | 'shift' | 'alt' | 'meta';

/** Places of keys that are modifiers. */
const MODIFIER_CODES: Readonly<Record<string, Modifier>> = {
  ControlLeft: 'ctrl',
  ControlRight: 'ctrl',
  ShiftLeft: 'shift',
  ShiftRight: 'shift',
  AltLeft: 'alt',
  AltRight: 'alt',
  MetaLeft: 'meta',
  MetaRight: 'meta',
};

/** What the key at `code` modifies, if it is a modifier. */
export function modifierOf(code: string): Modifier | undefined {
  return MODIFIER_CODES[code];
}

/** Keys that switch a lock. */
export type LockCode = 'CapsLock' | 'NumLock' | 'ScrollLock';

export function isLock(code: string): code is LockCode {
  return code === 'CapsLock' || code === 'NumLock' || code === 'ScrollLock';
}

/**
 * Keys of input methods that Windows tells of going down or of going up, but
 * not of both.
 */
const ONE_SIDED_KEYS = new Set([
  'Alphanumeric',
  'CodeInput',
  'Eisu',
  'HangulMode',
  'HanjaMode',
  'Hankaku',
  'Hiragana',
  'KanaMode',
  'Katakana',
  'Romaji',
  'Zenkaku',
  'ZenkakuHankaku',
]);

export function isOneSided(key: string): boolean {
  return ONE_SIDED_KEYS.has(key);
}

/** True when `key` is a character, as opposed to the name of a key. */
export function isCharacter(key: string): boolean {
  // A combined character may be several code points; every name is ASCII and starts in upper case.
  return [...key].length === 1 || !/^[A-Z][A-Za-z0-9]*$/.test(key);
}

/** What the key at `code` gives without Option where the layout is not known; for letters and digits. */
export function plainKey(code: string): string | undefined {
  const match = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code);
  return match?.[1]?.toLowerCase() ?? match?.[2];
}

/** Where `character` is on a keyboard, for letters and digits. */
export function placeOf(character: string): string | undefined {
  if (/^[a-z]$/i.test(character)) return `Key${character.toUpperCase()}`;
  return /^[0-9]$/.test(character) ? `Digit${character}` : undefined;
}

/** Keys that on-screen keyboards name without a place: the place bears the name of the key. */
const PLACELESS = new Set([
  'Backspace',
  'Enter',
  'Tab',
  'Escape',
  'Delete',
  'Home',
  'End',
  'PageUp',
  'PageDown',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
]);

/** The place of a key whose event names none, if its name implies one. */
export function codeOfName(key: string): string | undefined {
  return PLACELESS.has(key) ? key : undefined;
}
